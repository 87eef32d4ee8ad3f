def write_line(stream, text):
    """Writes a text and the end of the line."""
    stream.write(text + "\n")

"""What every engine reads and then goes on with, as decoder_bench does."""
PROMPT = [i * 37 % 1000 for i in range(512)]
NEW = 32

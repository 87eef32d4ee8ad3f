"""What is asked: questions in sentences, and names. Fixed before anything was measured."""

SENTENCES = (
    "how is a hash table resized when it gets too full",
    "open a socket and wait for a connection with a timeout",
    "parse a date string into year month and day",
    "where are command line arguments split into options and values",
    "convert a UTF-8 string to wide characters",
    "release the lock and wake up all waiting threads",
    "compute the checksum of a file block by block",
    "iterate over the entries of a directory recursively",
    "handle an error code returned by the operating system",
    "multiply two matrices stored in column major order",
    "read a compressed stream and write the decompressed bytes to a buffer",
    "encode a dictionary as JSON with sorted keys and indentation",
)

SYMBOLS = (
    "std::unordered_map",
    "pthread_mutex_lock",
    "ArgumentParser",
    "SSL_CTX_new",
    "parse_qsl",
    "HTTPConnection",
    "basic_string",
    "EVP_DigestInit_ex",
    "OrderedDict",
    "shared_ptr",
    "getaddrinfo",
    "TemporaryDirectory",
)

"""What is wrong with a body's bytes as text."""

from codecs import getincrementaldecoder

from alpenglow._serve.errors import MalformedError

STEP = 1 << 16


def check_utf8(body: bytes | bytearray) -> None:
    """The body is UTF-8; it is looked at in pieces, as a text takes up to four times as much as its bytes.

    Raises:
        MalformedError: It is not; says where.
    """
    if body.isascii():
        return
    decoder = getincrementaldecoder("utf-8")()
    for at in range(0, len(body), STEP):
        begun = len(decoder.getstate()[0])
        try:
            decoder.decode(body[at : at + STEP], final=at + STEP >= len(body))
        except UnicodeDecodeError as error:
            raise MalformedError(f"the body is not UTF-8: {error.reason} at byte {at - begun + error.start}") from error

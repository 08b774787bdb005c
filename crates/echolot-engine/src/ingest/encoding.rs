//! Bytes of a file become bytes of text: decompressed, and in one encoding.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Cursor, Read};

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};
use encoding_rs_io::DecodeReaderBytesBuilder;
use flate2::bufread::MultiGzDecoder;

/// How much of a file is looked at to recognise its form, in bytes.
const SAMPLE_BYTES: u64 = 64 * 1024;

/// A file from its first byte, decompressed, with a look at its beginning.
pub(super) struct Stream {
    /// The beginning of what `reader` will read.
    pub(super) sample: Vec<u8>,
    /// The content without its byte order mark. UTF-16 is turned to UTF-8; what
    /// is in an encoding of one byte stays as it is, for `charset` to decode.
    pub(super) reader: Box<dyn BufRead + Send>,
    /// How the rows are decoded.
    pub(super) charset: Charset,
    /// Whether the file is compressed.
    pub(super) is_compressed: bool,
}

impl Stream {
    /// Looks at the beginning of a file. A file whose compression turns out to
    /// be damaged is an error only when the damaged place is read.
    pub(super) fn new(file: impl Read + Send + 'static) -> io::Result<Self> {
        let (magic, file) = peek(file);
        let file = BufReader::new(file);
        let (is_compressed, content): (bool, Box<dyn Read + Send>) = match magic.as_slice() {
            [0x1f, 0x8b, ..] => (true, Box::new(MultiGzDecoder::new(file))),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => (true, Box::new(zstd::Decoder::with_buffer(file)?)),
            _ => (false, Box::new(file)),
        };
        let (sample, content) = peek(content);
        Ok(match utf16(&sample) {
            Some(encoding) => {
                let decoded =
                    DecodeReaderBytesBuilder::new().encoding(Some(encoding)).build(content);
                let (sample, reader) = peek(decoded);
                let reader = Box::new(BufReader::new(reader));
                Self { sample, reader, charset: Charset::Utf8, is_compressed }
            }
            None => Self::of_bytes(sample, content, is_compressed),
        })
    }

    fn of_bytes(
        mut sample: Vec<u8>,
        content: impl Read + Send + 'static,
        is_compressed: bool,
    ) -> Self {
        const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";
        let mut reader = BufReader::new(content);
        if sample.starts_with(UTF8_MARK) {
            sample.drain(..UTF8_MARK.len());
            // The sample was read from this reader, so the mark is there.
            let mark = &mut [0; UTF8_MARK.len()];
            let _ = reader.read_exact(mark);
            return Self {
                sample,
                reader: Box::new(reader),
                charset: Charset::Utf8,
                is_compressed,
            };
        }
        let charset = Charset::guess(&sample);
        Self { sample, reader: Box::new(reader), charset, is_compressed }
    }
}

/// Reads the beginning of a reader, and gives a reader that starts there anew.
/// An error while peeking is met again at its place.
fn peek<R: Read>(mut reader: R) -> (Vec<u8>, impl Read + use<R>) {
    let mut sample = Vec::new();
    let failure = reader.by_ref().take(SAMPLE_BYTES).read_to_end(&mut sample).err();
    let replayed = Cursor::new(sample.clone()).chain(Failure(failure)).chain(reader);
    (sample, replayed)
}

/// Reads as an error once, and then as nothing.
struct Failure(Option<io::Error>);

impl Read for Failure {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// The kind of UTF-16 a sample is in: told by its mark, or, as German and
/// English are mostly ASCII, by a NUL in almost every other byte.
fn utf16(sample: &[u8]) -> Option<&'static Encoding> {
    match sample {
        [0xff, 0xfe, ..] => return Some(UTF_16LE),
        [0xfe, 0xff, ..] => return Some(UTF_16BE),
        _ => {}
    }
    let nuls_at = |start: usize| sample.iter().skip(start).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (nuls_at(0), nuls_at(1));
    let most = sample.len() / 2 - sample.len() / 8;
    match sample.len() {
        ..4 => None,
        _ if odd >= most && even == 0 => Some(UTF_16LE),
        _ if even >= most && odd == 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// How the bytes of a row become text.
///
/// A file that is ASCII as far as the sample goes is undecided: the first row
/// that is not ASCII decides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    Undecided,
    Utf8,
    Windows1252,
}

impl Charset {
    /// Weighs the characters of more than one byte that are right in UTF-8
    /// against the places that are wrong: a few damaged bytes do not make a
    /// UTF-8 file a Windows-1252 file.
    fn guess(sample: &[u8]) -> Self {
        let (mut right, mut wrong) = (0_usize, 0_usize);
        let mut chunks = sample.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            right += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
            // The sample may end in the middle of a character.
            let is_cut = chunks.peek().is_none() && sample.len() as u64 == SAMPLE_BYTES;
            wrong += usize::from(!chunk.invalid().is_empty() && !is_cut);
        }
        match (right, wrong) {
            (0, 0) => Self::Undecided,
            _ if right > wrong => Self::Utf8,
            _ => Self::Windows1252,
        }
    }

    /// The text of a row.
    ///
    /// # Errors
    /// The reason, if the row is not in the encoding of the file.
    pub(super) fn decode<'a>(&mut self, bytes: &'a [u8]) -> Result<Cow<'a, str>, String> {
        if *self == Self::Windows1252 {
            return Ok(WINDOWS_1252.decode_without_bom_handling(bytes).0);
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                if *self == Self::Undecided && !text.is_ascii() {
                    *self = Self::Utf8;
                }
                Ok(Cow::Borrowed(text))
            }
            Err(_) if *self == Self::Undecided => {
                *self = Self::Windows1252;
                self.decode(bytes)
            }
            Err(error) => Err(not_utf8(&error)),
        }
    }
}

/// The reason why a row that is not UTF-8 is refused.
pub(super) fn not_utf8(error: &std::str::Utf8Error) -> String {
    format!("the row is not valid UTF-8 from its byte {} on", error.valid_up_to() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(bytes: Vec<u8>) -> String {
        let mut stream = Stream::new(Cursor::new(bytes)).unwrap();
        let mut content = Vec::new();
        stream.reader.read_to_end(&mut content).unwrap();
        assert!(content.starts_with(&stream.sample));
        stream.charset.decode(&content).unwrap().into_owned()
    }

    fn utf16_bytes(text: &str, mark: bool, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
        units.flat_map(to_bytes).collect()
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "text;Ort\nschöne Grüße;Köln\n";
        assert_eq!(text_of(text.as_bytes().to_vec()), text);
        assert_eq!(text_of([b"\xef\xbb\xbf", text.as_bytes()].concat()), text);
        assert_eq!(text_of(WINDOWS_1252.encode(text).0.into_owned()), text);
        for mark in [true, false] {
            assert_eq!(text_of(utf16_bytes(text, mark, u16::to_le_bytes)), text);
            assert_eq!(text_of(utf16_bytes(text, mark, u16::to_be_bytes)), text);
        }
    }

    #[test]
    fn compressed_content_of_several_members_is_read_to_the_end() {
        let gz = |text: &str| {
            let mut bytes = Vec::new();
            let mut encoder =
                flate2::read::GzEncoder::new(text.as_bytes(), flate2::Compression::fast());
            encoder.read_to_end(&mut bytes).unwrap();
            bytes
        };
        assert_eq!(text_of([gz("eins "), gz("zwei")].concat()), "eins zwei");
        let zst = |text: &str| zstd::encode_all(text.as_bytes(), 1).unwrap();
        assert_eq!(text_of([zst("eins "), zst("zwei")].concat()), "eins zwei");
    }

    #[test]
    fn a_cut_member_is_an_error_after_what_can_be_read() {
        let text = "zeile\n".repeat(50_000);
        let mut bytes = Vec::new();
        let mut encoder =
            flate2::read::GzEncoder::new(text.as_bytes(), flate2::Compression::fast());
        encoder.read_to_end(&mut bytes).unwrap();
        bytes.truncate(bytes.len() - 20);
        let mut stream = Stream::new(Cursor::new(bytes)).unwrap();
        let mut content = Vec::new();
        let error = stream.reader.read_to_end(&mut content).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert!(content.len() > SAMPLE_BYTES as usize);
        assert!(text.as_bytes().starts_with(&content));
    }

    #[test]
    fn ascii_is_decided_by_the_first_row_that_is_not() {
        let mut charset = Charset::guess(b"plain");
        assert_eq!(charset, Charset::Undecided);
        assert_eq!(charset.decode(b"f\xfcr").unwrap(), "für");
        assert_eq!(charset, Charset::Windows1252);

        let mut charset = Charset::Undecided;
        assert_eq!(charset.decode("für".as_bytes()).unwrap(), "für");
        assert_eq!(
            charset.decode(b"f\xfcr").unwrap_err(),
            "the row is not valid UTF-8 from its byte 2 on"
        );
    }

    #[test]
    fn one_damaged_byte_does_not_change_the_encoding() {
        assert_eq!(Charset::guess(b"sch\xc3\xb6n gr\xc3\xbc\xc3\x9fe \xff"), Charset::Utf8);
        assert_eq!(Charset::guess(b"sch\xf6n gr\xfc\xdfe"), Charset::Windows1252);
    }
}

//! Pictures as people send them, and as somebody sends them who means harm. All are made here.

use image::{DynamicImage, ExtendedColorType, ImageEncoder, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage, codecs};
use std::io::Cursor;

/// Stands in everything of a file that must not be kept.
pub const CANARY: &str = "canary-51.5007N-0.1246W";

/// Red on the left, blue on the right.
fn flag(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) })
}

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).expect("written");
    bytes.into_inner()
}

/// A small photograph.
#[must_use]
pub fn photograph(width: u32, height: u32) -> Vec<u8> {
    encoded(flag(width, height), ImageFormat::Jpeg)
}

/// The same as another kind of file.
#[must_use]
pub fn as_format(format: ImageFormat) -> Vec<u8> {
    encoded(flag(40, 20), format)
}

/// A drawing that one can see through.
#[must_use]
pub fn clear() -> Vec<u8> {
    encoded(RgbaImage::from_fn(30, 30, |x, _| Rgba([10, 200, 10, if x < 15 { 0 } else { 255 }])), ImageFormat::Png)
}

/// Points without any order: no format makes them small.
#[must_use]
pub fn noise(edge: u32) -> Vec<u8> {
    let mut state = 7_u32;
    let picture = RgbImage::from_fn(edge, edge, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [.., red, green, blue] = state.to_be_bytes();
        Rgb([red, green, blue.rotate_left(3)])
    });
    let mut bytes = Vec::new();
    codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 95)
        .write_image(picture.as_raw(), edge, edge, ExtendedColorType::Rgb8)
        .expect("written");
    bytes
}

/// A photograph (40 × 20) of a telephone that was held upright: it says where it was taken, and that it is to be turned.
#[must_use]
pub fn with_position() -> Vec<u8> {
    let plain = photograph(40, 20);
    // TIFF, big-endian: one directory with the orientation (6: turn right) and a pointer to the position.
    let mut tiff = b"MM\0\x2a\0\0\0\x08\0\x02".to_vec();
    tiff.extend(b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0");
    tiff.extend(b"\x88\x25\0\x04\0\0\0\x01\0\0\0\x26");
    tiff.extend(b"\0\0\0\0");
    // The position: one entry of text that stands behind it.
    tiff.extend(b"\0\x01\0\x01\0\x02");
    tiff.extend(u32::try_from(CANARY.len()).expect("short").to_be_bytes());
    tiff.extend(b"\0\0\0\x38\0\0\0\0");
    tiff.extend(CANARY.as_bytes());
    let mut exif = b"Exif\0\0".to_vec();
    exif.extend(tiff);
    let mut file = plain[..2].to_vec();
    for (marker, content) in [(0xe1_u8, exif), (0xe1, xmp()), (0xfe, CANARY.as_bytes().to_vec())] {
        file.extend([0xff, marker]);
        file.extend(u16::try_from(content.len() + 2).expect("short").to_be_bytes());
        file.extend(content);
    }
    file.extend(&plain[2..]);
    file
}

fn xmp() -> Vec<u8> {
    format!("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><exif:GPSLatitude>{CANARY}</exif:GPSLatitude></x:xmpmeta>")
        .into_bytes()
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let named = [kind.as_slice(), content].concat();
    let length = u32::try_from(content.len()).expect("short");
    [length.to_be_bytes().as_slice(), &named, &crc(&named).to_be_bytes()].concat()
}

/// A PNG whose words say where it was taken.
#[must_use]
pub fn with_words() -> Vec<u8> {
    let plain = as_format(ImageFormat::Png);
    let (head, rest) = plain.split_at(8 + 25);
    let words = chunk(b"tEXt", format!("Location\0{CANARY}").as_bytes());
    [head, &words, rest].concat()
}

/// The beginning of a PNG that says it has so many points, with next to nothing behind it.
#[must_use]
pub fn png_of(width: u32, height: u32) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let head = chunk(b"IHDR", &[&size[..], &[8, 6, 0, 0, 0]].concat());
    [b"\x89PNG\r\n\x1a\n", head.as_slice(), &chunk(b"IDAT", &[0x78, 0x9c, 0x03, 0, 0, 0, 0, 1]), &chunk(b"IEND", b"")]
        .concat()
}

/// A GIF of a few bytes whose canvas, and whose one frame, have these sizes.
#[must_use]
pub fn gif_of(canvas: (u16, u16), frame: (u16, u16)) -> Vec<u8> {
    let mut file = b"GIF89a".to_vec();
    file.extend(canvas.0.to_le_bytes());
    file.extend(canvas.1.to_le_bytes());
    file.extend([0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2c, 0, 0, 0, 0]);
    file.extend(frame.0.to_le_bytes());
    file.extend(frame.1.to_le_bytes());
    file.extend([0, 2, 2, 0x4c, 1, 0, 0x3b]);
    file
}

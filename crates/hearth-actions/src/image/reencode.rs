//! Making a picture anew from its points alone: nothing of the file that was sent is kept, so neither where and with
//! what it was taken (threats CO-13) nor anything that a browser could take for something else (CO-12).
//!
//! Must never: read a point before the size is known to be fine, or hold up anything but the picture itself (CO-11). The
//! formats are read by libraries in Rust, on a thread of their own: one that falls over takes nothing along.

use crate::gate::Gate;
use ::image::{
    DynamicImage, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Limits, Rgba, RgbaImage,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
    metadata::Orientation,
};
use hearth_domain::image::{LONGEST_EDGE, MOST_KEPT, MOST_SENT, is_read};
use std::{
    io::Cursor,
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

/// Pictures that are made anew at once: each may take [`MOST_MEMORY`].
const AT_ONCE: usize = 1;
/// Most bytes that the points of one may take: those of 25 million with transparency, and a little.
const MOST_MEMORY: u64 = 128 * 1024 * 1024;
/// How long somebody waits for their turn.
const TURN: Duration = Duration::from_secs(10);
/// How long one may take. Large photographs take well under a second on most machines and two on a very small one; what
/// is made to take long is refused by its size before. A build without optimisation is some ten times slower.
const LONGEST: Duration = Duration::from_secs(if cfg!(debug_assertions) { 90 } else { 10 });
/// Edges and qualities that are tried one after the other, until a photograph is small enough.
const STEPS: [(u32, u8); 4] = [(LONGEST_EDGE, 82), (LONGEST_EDGE, 65), (1_200, 65), (800, 55)];
/// Edges that are tried for a picture with transparency; one that is still too large is laid on white.
const CLEAR_STEPS: [u32; 3] = [LONGEST_EDGE, 1_200, 800];

/// Why a file is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// More bytes than are taken.
    TooLarge,
    /// None of the formats that are read, whatever it calls itself.
    NoPicture,
    /// One of them, but broken or cut off.
    Damaged,
    /// More points than are read.
    TooManyPoints,
    /// It took too long, or many others are being made anew.
    Busy,
}

impl Unfit {
    /// The same for who sent it.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::TooLarge => "This file is too large: a picture can have 10 MB at most. Choose a smaller one.",
            Self::NoPicture => {
                "This is not a picture that can be shown here. Choose a JPEG, PNG, WebP or GIF, or take a screenshot of it \
                 and choose that."
            }
            Self::Damaged => {
                "This picture can’t be read: it may be damaged or cut off. Choose it again, or another one."
            }
            Self::TooManyPoints => {
                "This picture is too large: it can have 25 million points at most. Make it smaller and choose it again."
            }
            Self::Busy => "Pictures take longer than usual at the moment. Please choose it again in a minute.",
        }
    }
}

/// A picture as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reencoded {
    /// `image/jpeg`, or `image/png` where it is transparent.
    pub media_type: &'static str,
    /// Points across and down.
    pub size: (u32, u32),
    /// The file.
    pub bytes: Vec<u8>,
}

/// Makes pictures anew, one at a time.
#[derive(Debug)]
pub struct Reencoder(Arc<Gate>);

impl Default for Reencoder {
    fn default() -> Self {
        Self(Gate::new(AT_ONCE))
    }
}

impl Reencoder {
    /// Makes one anew.
    ///
    /// # Errors
    /// [`Unfit`].
    pub fn make(&self, sent: Vec<u8>) -> Result<Reencoded, Unfit> {
        if sent.len() > MOST_SENT {
            return Err(Unfit::TooLarge);
        }
        let pass = self.0.enter_within(TURN).ok_or(Unfit::Busy)?;
        let (tells, heard) = mpsc::channel();
        let work = move || {
            // Held until the work is done, also when nobody waits for it any more.
            let _pass = pass;
            let _ = tells.send(reencode(&sent));
        };
        thread::Builder::new().name("picture".to_owned()).spawn(work).map_err(|_| Unfit::Busy)?;
        match heard.recv_timeout(LONGEST) {
            Ok(made) => made,
            Err(RecvTimeoutError::Timeout) => Err(Unfit::Busy),
            Err(RecvTimeoutError::Disconnected) => Err(Unfit::Damaged),
        }
    }
}

fn reencode(sent: &[u8]) -> Result<Reencoded, Unfit> {
    let reader = ImageReader::new(Cursor::new(sent)).with_guessed_format().map_err(|_| Unfit::NoPicture)?;
    // By its first bytes: what it is called or said to be does not count.
    let known = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif];
    if !reader.format().is_some_and(|format| known.contains(&format)) {
        return Err(Unfit::NoPicture);
    }
    let mut decoder = reader.into_decoder().map_err(|_| Unfit::Damaged)?;
    let (width, height) = decoder.dimensions();
    if !is_read(width, height) || decoder.total_bytes() > MOST_MEMORY {
        return Err(Unfit::TooManyPoints);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    decoder.set_limits(limits).map_err(|_| Unfit::TooManyPoints)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|_| Unfit::Damaged)?;
    let mut picture = fitted(picture, LONGEST_EDGE);
    picture.apply_orientation(orientation);
    write(picture)
}

/// No larger than this; a smaller one stays as it is.
fn fitted(picture: DynamicImage, edge: u32) -> DynamicImage {
    if picture.width().max(picture.height()) > edge { picture.thumbnail(edge, edge) } else { picture }
}

fn write(picture: DynamicImage) -> Result<Reencoded, Unfit> {
    let has_alpha = picture.color().has_alpha();
    if has_alpha {
        let clear = picture.to_rgba8();
        if clear.pixels().any(|Rgba([.., alpha])| *alpha < u8::MAX) {
            return write_clear(clear);
        }
    }
    write_photograph(picture)
}

fn write_photograph(picture: DynamicImage) -> Result<Reencoded, Unfit> {
    let mut picture = DynamicImage::from(picture.to_rgb8());
    for (edge, quality) in STEPS {
        picture = fitted(picture, edge);
        let mut bytes = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
        picture.write_with_encoder(encoder).map_err(|_| Unfit::Damaged)?;
        if bytes.len() <= MOST_KEPT {
            return Ok(Reencoded { media_type: "image/jpeg", size: (picture.width(), picture.height()), bytes });
        }
    }
    Err(Unfit::TooLarge)
}

fn write_clear(picture: RgbaImage) -> Result<Reencoded, Unfit> {
    let mut picture = DynamicImage::from(picture);
    for edge in CLEAR_STEPS {
        picture = fitted(picture, edge);
        let mut bytes = Vec::new();
        let (width, height) = (picture.width(), picture.height());
        let written =
            PngEncoder::new(&mut bytes).write_image(picture.as_bytes(), width, height, picture.color().into());
        written.map_err(|_| Unfit::Damaged)?;
        if bytes.len() <= MOST_KEPT {
            return Ok(Reencoded { media_type: "image/png", size: (width, height), bytes });
        }
    }
    write_photograph(on_white(picture.to_rgba8()).into())
}

/// The picture on white paper.
fn on_white(mut picture: RgbaImage) -> RgbaImage {
    for Rgba([red, green, blue, alpha]) in picture.pixels_mut() {
        let clear = u16::from(u8::MAX - *alpha);
        for colour in [red, green, blue] {
            let mixed = (u16::from(*colour) * u16::from(*alpha) + 255 * clear) / 255;
            *colour = u8::try_from(mixed).unwrap_or(u8::MAX);
        }
        *alpha = u8::MAX;
    }
    picture
}

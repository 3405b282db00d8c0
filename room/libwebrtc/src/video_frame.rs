//! Pictures that can be built and are never sent. LiveKit's own tests name them.

/// How a picture is turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VideoRotation {
    /// Upright.
    VideoRotation0,
    /// A quarter to the right.
    VideoRotation90,
    /// Upside down.
    VideoRotation180,
    /// A quarter to the left.
    VideoRotation270,
}

/// A picture.
#[derive(Debug)]
pub struct VideoFrame<T> {
    /// How it is turned.
    pub rotation: VideoRotation,
    /// When it was taken.
    pub timestamp_us: i64,
    /// Its pixels.
    pub buffer: T,
}

impl<T> VideoFrame<T> {
    /// Creates a picture without a time.
    pub fn new(rotation: VideoRotation, buffer: T) -> Self {
        Self {
            rotation,
            timestamp_us: 0,
            buffer,
        }
    }
}

/// Pixels as brightness and two quarter-size planes of colour.
#[derive(Debug)]
pub struct I420Buffer {
    y: Vec<u8>,
    u: Vec<u8>,
    v: Vec<u8>,
}

impl I420Buffer {
    /// Creates a black picture.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        let colour = width.div_ceil(2) as usize * height.div_ceil(2) as usize;
        let brightness = width as usize * height as usize;
        Self {
            y: vec![0; brightness],
            u: vec![0; colour],
            v: vec![0; colour],
        }
    }

    /// Returns the three planes.
    pub fn data_mut(&mut self) -> (&mut [u8], &mut [u8], &mut [u8]) {
        (&mut self.y, &mut self.u, &mut self.v)
    }
}

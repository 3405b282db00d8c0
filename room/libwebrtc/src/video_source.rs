//! Video sources: they take pictures and send none.

/// Size of a picture.
#[derive(Debug, Clone)]
pub struct VideoResolution {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

impl Default for VideoResolution {
    fn default() -> Self {
        Self {
            width: 1280,
            height: 720,
        }
    }
}

/// What a video track is made from.
#[non_exhaustive]
#[derive(Debug, Clone)]
pub enum RtcVideoSource {
    /// Pictures that the application hands over.
    Native(native::NativeVideoSource),
}

impl RtcVideoSource {
    /// Returns the size of the pictures.
    #[must_use]
    pub fn video_resolution(&self) -> VideoResolution {
        match self {
            Self::Native(source) => source.video_resolution(),
        }
    }
}

pub mod native {
    //! A source that the application feeds with pictures.

    use super::VideoResolution;
    use crate::native::packet_trailer::PacketTrailerHandler;
    use crate::video_frame::VideoFrame;

    /// Takes pictures and drops them. A track made from it is negotiated, which the log says.
    #[derive(Debug, Clone)]
    pub struct NativeVideoSource {
        resolution: VideoResolution,
    }

    impl NativeVideoSource {
        /// Creates a source; warns that nothing will be sent.
        #[must_use]
        pub fn new(resolution: VideoResolution, _is_screencast: bool) -> Self {
            log::warn!("this engine is for voice only: a video track is negotiated and stays dark");
            Self { resolution }
        }

        /// Drops the picture. Returns whether it was taken, which it was not.
        pub fn capture_frame<T>(&self, _frame: &VideoFrame<T>) -> bool {
            false
        }

        /// Does nothing: there are no pictures to time.
        pub fn set_packet_trailer_handler(&self, _handler: PacketTrailerHandler) {}

        /// Returns the size of the pictures.
        #[must_use]
        pub fn video_resolution(&self) -> VideoResolution {
            self.resolution.clone()
        }
    }
}

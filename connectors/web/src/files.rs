//! What browsers load: the page, its parts and the widget.

/// A file as it is served.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// As `Content-Type` says it.
    pub media_type: &'static str,
    /// Changes with the file.
    pub tag: &'static str,
    /// The file.
    pub plain: &'static [u8],
    /// The file once more, compressed with gzip; empty where it is not.
    pub gzip: &'static [u8],
}

macro_rules! built {
    ($name:literal, $media_type:literal) => {
        File {
            media_type: $media_type,
            tag: include_str!(concat!(env!("OUT_DIR"), "/", $name, ".tag")),
            plain: include_bytes!(concat!(env!("OUT_DIR"), "/", $name)),
            gzip: include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".gz")),
        }
    };
}

/// Returns the file of that name: `index.html`, `page.js`, `page.css` or `widget.js`.
#[must_use]
pub fn file(name: &str) -> Option<File> {
    match name {
        "index.html" => Some(built!("index.html", "text/html; charset=utf-8")),
        "page.js" => Some(built!("page.js", "text/javascript; charset=utf-8")),
        "page.css" => Some(built!("page.css", "text/css; charset=utf-8")),
        "widget.js" => Some(built!("widget.js", "text/javascript; charset=utf-8")),
        _ => None,
    }
}

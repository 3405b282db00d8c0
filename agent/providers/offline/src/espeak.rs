//! espeak-ng: text of over a hundred languages to sound, with the time of each word.
#![expect(
    unsafe_code,
    reason = "espeak-ng is a C library under GPL-3, loaded at run time"
)]

use std::{
    cell::RefCell,
    ffi::{c_char, c_int, c_uint, c_void},
    ptr, slice,
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use agent_contract::WordTime;
use libloading::Library;

use crate::{
    shared_library::{EngineError, c_string},
    sound::Sound,
};

const PACKAGE: &str = "libespeak-ng1";
const ENGINE: &str = "espeak-ng";
/// The longest piece that is spoken, 60 s; a longer one is cut.
const MOST_SAMPLES: usize = 22_050 * 60;

/// espeak-ng. Its state is global, so one thread at a time may call it.
pub(crate) struct Espeak {
    api: Api,
    hertz: u32,
    voice: String,
}

impl Espeak {
    /// Does something with the one espeak-ng of this process; others wait their turn.
    pub(crate) fn with<R>(act: impl FnOnce(&mut Self) -> R) -> Result<R, EngineError> {
        static ESPEAK: OnceLock<Result<Mutex<Espeak>, EngineError>> = OnceLock::new();
        let espeak = ESPEAK.get_or_init(|| Self::load().map(Mutex::new));
        let espeak = espeak.as_ref().map_err(Clone::clone)?;
        // It holds nothing that a panic could leave half done.
        Ok(act(&mut espeak
            .lock()
            .unwrap_or_else(PoisonError::into_inner)))
    }

    fn load() -> Result<Self, EngineError> {
        const SYNCHRONOUS: c_int = 2;
        const DO_NOT_EXIT: c_int = 0x8000;
        let api = Api::load()?;
        // SAFETY: called once, before anything else; `collect` fits the type of the callback.
        let hertz = unsafe {
            let hertz = (api.espeak_initialize)(SYNCHRONOUS, 100, ptr::null(), DO_NOT_EXIT);
            (api.espeak_set_synth_callback)(collect);
            hertz
        };
        let hertz = u32::try_from(hertz).map_err(|_| EngineError::Missing {
            what: "espeak-ng-data",
            package: "espeak-ng-data",
        })?;
        Ok(Self {
            api,
            hertz,
            voice: String::new(),
        })
    }

    /// Takes a voice by its name or its language's tag, and returns whether there is one.
    pub(crate) fn set_voice(&mut self, name: &str) -> bool {
        if self.voice == name {
            return true;
        }
        let wanted = c_string(&name.to_ascii_lowercase());
        // SAFETY: the name is read within the call.
        let taken = unsafe { (self.api.espeak_set_voice_by_name)(wanted.as_ptr()) == 0 };
        self.voice = if taken {
            name.to_owned()
        } else {
            String::new()
        };
        taken
    }

    /// Speaks a clause or a sentence with the voice that was taken.
    pub(crate) fn say(&mut self, text: &str) -> Result<Sound, EngineError> {
        const UTF8: c_uint = 1;
        const CHARACTERS: c_int = 1;
        COLLECTED.set(Collected::default());
        let c_text = c_string(text);
        // SAFETY: the text ends with a NUL and is read within the call, which returns when all was spoken; the
        // callback runs on this thread.
        let spoken = unsafe {
            (self.api.espeak_synth)(
                c_text.as_ptr().cast(),
                c_text.as_bytes_with_nul().len(),
                0,
                CHARACTERS,
                0,
                UTF8,
                ptr::null_mut(),
                ptr::null_mut(),
            )
        };
        let collected = COLLECTED.take();
        if spoken != 0 {
            return Err(EngineError::Failed {
                engine: ENGINE,
                task: "speak",
            });
        }
        Ok(Sound {
            hertz: self.hertz,
            words: collected.words(text, self.hertz),
            samples: collected.samples,
        })
    }
}

/// What the callback was given.
#[derive(Default)]
struct Collected {
    samples: Vec<i16>,
    /// Where each word begins: character in the text, length, milliseconds.
    marks: Vec<(usize, usize, u64)>,
}

thread_local! {
    static COLLECTED: RefCell<Collected> = RefCell::default();
}

impl Collected {
    fn words(&self, text: &str, hertz: u32) -> Vec<WordTime> {
        let end = self.samples.len() as u64 * 1_000 / u64::from(hertz.max(1));
        let ends = self.marks.iter().skip(1).map(|mark| mark.2).chain([end]);
        let words = self.marks.iter().zip(ends).map(|(mark, to)| WordTime {
            word: text
                .chars()
                .skip(mark.0.saturating_sub(1))
                .take(mark.1)
                .collect(),
            from: Duration::from_millis(mark.2),
            to: Duration::from_millis(to.max(mark.2)),
        });
        words.collect()
    }
}

/// Takes over sound and word events; answers 0 to go on, 1 to stop. Nothing in it can panic.
extern "C" fn collect(samples: *mut i16, count: c_int, events: *mut Event) -> c_int {
    const LIST_TERMINATED: c_int = 0;
    const WORD: c_int = 1;
    COLLECTED.with(|collected| {
        let Ok(mut collected) = collected.try_borrow_mut() else {
            return 1;
        };
        // SAFETY: espeak-ng hands over `count` samples, or null at the end, and a list of events that ends with the
        // terminating one.
        unsafe {
            let count = usize::try_from(count).unwrap_or(0);
            if !samples.is_null() && count > 0 {
                let samples = slice::from_raw_parts(samples, count);
                collected.samples.extend_from_slice(samples);
            }
            let mut event = events;
            while !event.is_null() && (*event).kind != LIST_TERMINATED {
                if (*event).kind == WORD {
                    let at = |value: c_int| usize::try_from(value).unwrap_or(0);
                    let ms = u64::try_from((*event).audio_position).unwrap_or(0);
                    let mark = (at((*event).text_position), at((*event).length), ms);
                    collected.marks.push(mark);
                }
                event = event.add(1);
            }
        }
        c_int::from(collected.samples.len() > MOST_SAMPLES)
    })
}

/// `espeak_EVENT`.
#[repr(C)]
struct Event {
    kind: c_int,
    unique_identifier: c_uint,
    text_position: c_int,
    length: c_int,
    audio_position: c_int,
    sample: c_int,
    user_data: *mut c_void,
    id: *const c_char,
}

type Callback = extern "C" fn(*mut i16, c_int, *mut Event) -> c_int;
type Synth = unsafe extern "C" fn(
    *const c_void,
    usize,
    c_uint,
    c_int,
    c_uint,
    c_uint,
    *mut c_uint,
    *mut c_void,
) -> c_int;

/// The functions of `libespeak-ng.so.1` that are used.
struct Api {
    espeak_initialize: unsafe extern "C" fn(c_int, c_int, *const c_char, c_int) -> c_int,
    espeak_set_synth_callback: unsafe extern "C" fn(Callback),
    espeak_set_voice_by_name: unsafe extern "C" fn(*const c_char) -> c_int,
    espeak_synth: Synth,
    _library: Library,
}

impl Api {
    fn load() -> Result<Self, EngineError> {
        const FILE: &str = "libespeak-ng.so.1";
        let missing = |what| EngineError::Missing {
            what,
            package: PACKAGE,
        };
        // SAFETY: Debian's library of this version; the signatures are those of its header, and it stays loaded as
        // long as its functions can be reached.
        unsafe {
            let library = Library::new(FILE).map_err(|_| missing(FILE))?;
            macro_rules! function {
                ($name:literal) => {
                    *library.get($name).map_err(|_| missing($name))?
                };
            }
            Ok(Self {
                espeak_initialize: function!("espeak_Initialize"),
                espeak_set_synth_callback: function!("espeak_SetSynthCallback"),
                espeak_set_voice_by_name: function!("espeak_SetVoiceByName"),
                espeak_synth: function!("espeak_Synth"),
                _library: library,
            })
        }
    }
}

//! flite: English sentences to sound, with the time of each word.
#![expect(unsafe_code, reason = "flite is a C library, loaded at run time")]

use std::{
    ffi::{CStr, c_char, c_int, c_void},
    ptr::{self, NonNull},
    slice,
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use agent_contract::WordTime;
use libloading::Library;

use crate::{
    shared_library::{EngineError, c_string},
    sound::Sound,
};

const PACKAGE: &str = "libflite1";
const ENGINE: &str = "flite";

/// A voice of flite, by its name; the first is the default.
const VOICES: [VoiceFile; 4] = [
    VoiceFile::new("slt", "libflite_cmu_us_slt.so.1", "register_cmu_us_slt"),
    VoiceFile::new("rms", "libflite_cmu_us_rms.so.1", "register_cmu_us_rms"),
    VoiceFile::new("awb", "libflite_cmu_us_awb.so.1", "register_cmu_us_awb"),
    VoiceFile::new(
        "kal16",
        "libflite_cmu_us_kal16.so.1",
        "register_cmu_us_kal16",
    ),
];

/// flite with its voices. It counts references without locks, so one thread at a time may call it.
pub(crate) struct Flite {
    api: Api,
    voices: Vec<(&'static str, NonNull<c_void>)>,
}

// SAFETY: the voices are only reached through the lock of `with`.
unsafe impl Send for Flite {}

impl Flite {
    /// Does something with the one flite of this process; others wait their turn.
    pub(crate) fn with<R>(act: impl FnOnce(&mut Self) -> R) -> Result<R, EngineError> {
        static FLITE: OnceLock<Result<Mutex<Flite>, EngineError>> = OnceLock::new();
        let flite = FLITE.get_or_init(|| Self::load().map(Mutex::new));
        let flite = flite.as_ref().map_err(Clone::clone)?;
        // It holds nothing that a panic could leave half done.
        Ok(act(&mut flite
            .lock()
            .unwrap_or_else(PoisonError::into_inner)))
    }

    fn load() -> Result<Self, EngineError> {
        let api = Api::load()?;
        let voices: Vec<_> = VOICES
            .iter()
            .filter_map(|file| Some((file.name, file.register()?)))
            .collect();
        if voices.is_empty() {
            return Err(EngineError::Missing {
                what: VOICES[0].file,
                package: PACKAGE,
            });
        }
        Ok(Self { api, voices })
    }

    /// Returns whether there is a voice of that name.
    pub(crate) fn has_voice(&self, name: &str) -> bool {
        self.voices.iter().any(|voice| voice.0 == name)
    }

    /// Speaks a clause or a sentence; an unknown voice is the default one.
    pub(crate) fn say(&mut self, text: &str, voice: Option<&str>) -> Result<Sound, EngineError> {
        let known = voice.and_then(|name| self.voices.iter().find(|voice| voice.0 == name));
        let voice = known.unwrap_or(&self.voices[0]).1;
        let text = c_string(text);
        // SAFETY: the text is copied by the call; the utterance is ours and freed by `Utterance`.
        let utterance = unsafe { (self.api.flite_synth_text)(text.as_ptr(), voice.as_ptr()) };
        let utterance = Utterance {
            api: &self.api,
            raw: NonNull::new(utterance).ok_or(failed("speak"))?,
        };
        Ok(Sound {
            words: utterance.words(),
            ..utterance.sound()?
        })
    }
}

struct Utterance<'a> {
    api: &'a Api,
    raw: NonNull<c_void>,
}

impl Utterance<'_> {
    fn sound(&self) -> Result<Sound, EngineError> {
        // SAFETY: the wave belongs to the utterance, which is alive, and holds as many samples as it says.
        unsafe {
            let wave = (self.api.utt_wave)(self.raw.as_ptr());
            let Some(wave) = wave.as_ref() else {
                return Err(failed("speak"));
            };
            let count = usize::try_from(wave.num_samples).unwrap_or(0);
            let samples = if wave.samples.is_null() || wave.num_channels != 1 {
                Vec::new()
            } else {
                slice::from_raw_parts(wave.samples, count).to_vec()
            };
            Ok(Sound {
                hertz: u32::try_from(wave.sample_rate).unwrap_or(0),
                samples,
                words: Vec::new(),
            })
        }
    }

    /// Returns the words as in the text, each from the end of the one before to its own last sound.
    fn words(&self) -> Vec<WordTime> {
        const LAST_SOUND: &CStr = c"daughtern.R:SylStructure.daughtern.daughtern.R:Segment.end";
        let mut words = Vec::new();
        let mut from = Duration::ZERO;
        // SAFETY: relations, items and names belong to the utterance, which is alive; absent ones are null, and a
        // feature that cannot be found reads as 0.
        unsafe {
            let raw = self.raw.as_ptr();
            if (self.api.utt_relation_present)(raw, c"Token".as_ptr()) == 0 {
                return words;
            }
            let tokens = (self.api.utt_relation)(raw, c"Token".as_ptr());
            let mut token = (self.api.relation_head)(tokens);
            while !token.is_null() {
                let name = (self.api.item_feat_string)(token, c"name".as_ptr());
                let end = (self.api.ffeature_float)(token, LAST_SOUND.as_ptr());
                let to = Duration::try_from_secs_f32(end).unwrap_or(from).max(from);
                if !name.is_null() {
                    let word = CStr::from_ptr(name).to_string_lossy().into_owned();
                    words.push(WordTime { word, from, to });
                }
                from = to;
                token = (self.api.item_next)(token);
            }
        }
        words
    }
}

impl Drop for Utterance<'_> {
    fn drop(&mut self) {
        // SAFETY: nobody else has the utterance.
        unsafe { (self.api.delete_utterance)(self.raw.as_ptr()) };
    }
}

struct VoiceFile {
    name: &'static str,
    file: &'static str,
    register: &'static str,
}

impl VoiceFile {
    const fn new(name: &'static str, file: &'static str, register: &'static str) -> Self {
        Self {
            name,
            file,
            register,
        }
    }

    fn register(&self) -> Option<NonNull<c_void>> {
        // SAFETY: Debian's voices export this function, which makes the voice once and returns it again later. The
        // library is never unloaded, so the voice stays.
        unsafe {
            let library = Library::new(self.file).ok()?;
            let register: unsafe extern "C" fn(*const c_char) -> Raw =
                *library.get(self.register).ok()?;
            let voice = NonNull::new(register(ptr::null()))?;
            std::mem::forget(library);
            Some(voice)
        }
    }
}

fn failed(task: &'static str) -> EngineError {
    EngineError::Failed {
        engine: ENGINE,
        task,
    }
}

type Raw = *mut c_void;

/// The beginning of `cst_wave`.
#[repr(C)]
struct Wave {
    kind: *const c_char,
    sample_rate: c_int,
    num_samples: c_int,
    num_channels: c_int,
    samples: *const i16,
}

/// The functions of `libflite.so.1` that are used.
struct Api {
    flite_synth_text: unsafe extern "C" fn(*const c_char, Raw) -> Raw,
    delete_utterance: unsafe extern "C" fn(Raw),
    utt_wave: unsafe extern "C" fn(Raw) -> *const Wave,
    utt_relation_present: unsafe extern "C" fn(Raw, *const c_char) -> c_int,
    utt_relation: unsafe extern "C" fn(Raw, *const c_char) -> Raw,
    relation_head: unsafe extern "C" fn(Raw) -> Raw,
    item_next: unsafe extern "C" fn(Raw) -> Raw,
    item_feat_string: unsafe extern "C" fn(Raw, *const c_char) -> *const c_char,
    ffeature_float: unsafe extern "C" fn(Raw, *const c_char) -> f32,
}

impl Api {
    fn load() -> Result<Self, EngineError> {
        const FILE: &str = "libflite.so.1";
        let missing = |what| EngineError::Missing {
            what,
            package: PACKAGE,
        };
        // SAFETY: Debian's library of this version; the signatures are those of its headers. It is never unloaded.
        unsafe {
            let library = Library::new(FILE).map_err(|_| missing(FILE))?;
            macro_rules! function {
                ($name:literal) => {
                    *library.get($name).map_err(|_| missing($name))?
                };
            }
            let flite_init: unsafe extern "C" fn() -> c_int = function!("flite_init");
            flite_init();
            let api = Self {
                flite_synth_text: function!("flite_synth_text"),
                delete_utterance: function!("delete_utterance"),
                utt_wave: function!("utt_wave"),
                utt_relation_present: function!("utt_relation_present"),
                utt_relation: function!("utt_relation"),
                relation_head: function!("relation_head"),
                item_next: function!("item_next"),
                item_feat_string: function!("item_feat_string"),
                ffeature_float: function!("flite_ffeature_float"),
            };
            std::mem::forget(library);
            Ok(api)
        }
    }
}

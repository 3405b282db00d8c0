//! PocketSphinx: one decoder, bound to the thread that made it.
#![expect(
    unsafe_code,
    reason = "PocketSphinx is a C library, loaded at run time"
)]

use std::{
    ffi::{CStr, CString, c_char, c_int, c_void},
    marker::PhantomData,
    path::Path,
    ptr::{self, NonNull},
    sync::OnceLock,
};

use libloading::Library;

use crate::shared_library::{EngineError, c_string};

const PACKAGE: &str = "pocketsphinx";
const ENGINE: &str = "PocketSphinx";

/// How a decoder finds words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Search {
    /// Any words of the language.
    Language,
    /// Only what a grammar allows, set by [`Decoder::set_grammar`].
    Grammar,
}

/// What a decoder made of an utterance.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Hypothesis {
    /// The words, in lower case. Empty when nothing was found.
    pub text: String,
    /// The mean acoustic score per 10 ms: 0 is a perfect fit, −50 is none. Only a grammar's is meaningful.
    pub fit: f32,
}

/// What a decoder learned of a speaker's microphone and line: the mean of their cepstra.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Channel([f32; CEPSTRA]);

/// Cepstra of the English model.
const CEPSTRA: usize = 13;

/// What to expect of an unknown speaker: between a good microphone and a telephone. The model's own are so far from
/// both that the first utterance would have one word in ten wrong instead of one in twenty-five.
const UNKNOWN_SPEAKER: Channel = Channel([
    53.6, 3.6, 8.05, 16.1, 1.6, 5.8, 3.6, -1.2, -6.95, 0.1, 5.3, 5.7, 3.6,
]);

/// A decoder. Not to be moved to another thread.
pub(crate) struct Decoder {
    api: &'static Api,
    raw: NonNull<c_void>,
    has_grammar: bool,
    thread_bound: PhantomData<*const ()>,
}

impl Decoder {
    /// Makes a decoder from the models below `models`; takes up to half a second.
    pub(crate) fn new(models: &Path, search: Search) -> Result<Self, EngineError> {
        let api = api()?;
        let path = |name: &str| models.join(name).to_string_lossy().into_owned();
        let mut arguments = vec![
            "-hmm".to_owned(),
            path("en-us"),
            "-dict".to_owned(),
            path("cmudict-en-us.dict"),
            "-logfn".to_owned(),
            "/dev/null".to_owned(),
        ];
        let more = match search {
            Search::Language => vec![
                "-lm".to_owned(),
                path("en-us.lm.bin"),
                // A second pass would cost 100 ms at the end of speech and gains next to nothing.
                "-fwdflat".to_owned(),
                "no".to_owned(),
                // Noise must not make the search slower than speech.
                "-maxhmmpf".to_owned(),
                "3000".to_owned(),
            ],
            Search::Grammar => vec!["-bestpath".to_owned(), "no".to_owned()],
        };
        arguments.extend(more);
        let arguments: Vec<CString> = arguments.iter().map(|text| c_string(text)).collect();
        let mut pointers: Vec<*mut c_char> = arguments
            .iter()
            .map(|argument| argument.as_ptr().cast_mut())
            .collect();
        let count = c_int::try_from(pointers.len()).expect("there are few arguments");
        // SAFETY: the arguments outlive the call, which copies them; `ps_args` is static in the library. The
        // configuration is retained by the decoder, and this reference to it given back.
        let raw = unsafe {
            let config = (api.cmd_ln_parse_r)(
                ptr::null_mut(),
                (api.ps_args)(),
                count,
                pointers.as_mut_ptr(),
                1,
            );
            if config.is_null() {
                return Err(failed("read its settings"));
            }
            let raw = (api.ps_init)(config);
            (api.cmd_ln_free_r)(config);
            raw
        };
        let raw = NonNull::new(raw).ok_or(failed("load its models"))?;
        Ok(Self {
            api,
            raw,
            has_grammar: false,
            thread_bound: PhantomData,
        })
    }

    /// Returns what it learned of the speaker so far. Not within an utterance.
    pub(crate) fn channel(&self) -> Option<Channel> {
        let means = self.means()?;
        let mut channel = Channel([0.0; CEPSTRA]);
        // SAFETY: the means are as many as `means` has checked.
        unsafe { (self.api.cmn_live_get)(means, channel.0.as_mut_ptr()) };
        Some(channel)
    }

    /// Takes up a speaker where it left them; `None` is one that it has not heard yet. Not within an utterance.
    pub(crate) fn set_channel(&mut self, channel: Option<Channel>) {
        let channel = channel.unwrap_or(UNKNOWN_SPEAKER);
        if let Some(means) = self.means() {
            // SAFETY: the means are as many as `means` has checked.
            unsafe { (self.api.cmn_live_set)(means, channel.0.as_ptr()) };
        }
    }

    fn means(&self) -> Option<*mut Means> {
        // SAFETY: both belong to the decoder, which is alive; the fields are those of the library's headers.
        unsafe {
            let features = (self.api.ps_get_feat)(self.raw.as_ptr()).as_ref()?;
            let means = features.means;
            let count = means.as_ref()?.count;
            (usize::try_from(count) == Ok(CEPSTRA)).then_some(means)
        }
    }

    /// Returns whether the dictionary has a word.
    pub(crate) fn knows(&self, word: &str) -> bool {
        let word = c_string(word);
        // SAFETY: the decoder is alive; the answer is ours to free.
        unsafe {
            let sounds = (self.api.ps_lookup_word)(self.raw.as_ptr(), word.as_ptr());
            let known = !sounds.is_null();
            if known {
                (self.api.ckd_free)(sounds.cast());
            }
            known
        }
    }

    /// Adds a word by its sounds, in the phones of the CMU dictionary.
    pub(crate) fn teach(&mut self, word: &str, sounds: &str) -> Result<(), EngineError> {
        let (word, sounds) = (c_string(word), c_string(sounds));
        // SAFETY: the decoder is alive and copies both strings.
        let id =
            unsafe { (self.api.ps_add_word)(self.raw.as_ptr(), word.as_ptr(), sounds.as_ptr(), 1) };
        (id >= 0).then_some(()).ok_or(failed("learn a word"))
    }

    /// Takes a grammar in the JSpeech Grammar Format in place of the one before. Not within an utterance.
    pub(crate) fn set_grammar(&mut self, jsgf: &str) -> Result<(), EngineError> {
        const NAME: &CStr = c"profile";
        let jsgf = c_string(jsgf);
        // SAFETY: the decoder is alive and copies the strings.
        let taken = unsafe {
            let raw = self.raw.as_ptr();
            if self.has_grammar {
                (self.api.ps_unset_search)(raw, NAME.as_ptr());
                self.has_grammar = false;
            }
            (self.api.ps_set_jsgf_string)(raw, NAME.as_ptr(), jsgf.as_ptr()) == 0
                && (self.api.ps_set_search)(raw, NAME.as_ptr()) == 0
        };
        self.has_grammar = taken;
        taken.then_some(()).ok_or(failed("take the grammar"))
    }

    /// Begins an utterance, of whoever: what it knew of the noise on the line before is forgotten.
    pub(crate) fn start(&mut self) -> Result<(), EngineError> {
        // SAFETY: the decoder is alive.
        let started = unsafe {
            (self.api.ps_start_stream)(self.raw.as_ptr()) == 0
                && (self.api.ps_start_utt)(self.raw.as_ptr()) == 0
        };
        started.then_some(()).ok_or(failed("begin an utterance"))
    }

    /// Takes in the next samples of the utterance, at 16 kHz.
    pub(crate) fn process(&mut self, samples: &[i16]) -> Result<(), EngineError> {
        self.take_in(samples, 0)
    }

    /// Hears a whole utterance at once, which tells what the speaker's line does to their voice before the first word.
    pub(crate) fn hear_whole(&mut self, samples: &[i16]) -> Result<(), EngineError> {
        self.start()?;
        let heard = self.take_in(samples, 1);
        self.end()?;
        heard
    }

    fn take_in(&mut self, samples: &[i16], whole: c_int) -> Result<(), EngineError> {
        let (raw, count) = (self.raw.as_ptr(), samples.len());
        // SAFETY: the decoder is alive and reads `count` samples.
        let searched = unsafe { (self.api.ps_process_raw)(raw, samples.as_ptr(), count, 0, whole) };
        (searched >= 0).then_some(()).ok_or(failed("take in sound"))
    }

    /// Ends the utterance.
    pub(crate) fn end(&mut self) -> Result<(), EngineError> {
        // SAFETY: the decoder is alive.
        let ended = unsafe { (self.api.ps_end_utt)(self.raw.as_ptr()) };
        (ended == 0).then_some(()).ok_or(failed("end an utterance"))
    }

    /// Returns what was found so far, or in the whole utterance once it has ended.
    pub(crate) fn text(&mut self) -> String {
        let mut score = 0;
        // SAFETY: the text is the decoder's and stays until the next call; it is copied here.
        unsafe {
            let text = (self.api.ps_get_hyp)(self.raw.as_ptr(), &raw mut score);
            if text.is_null() {
                String::new()
            } else {
                CStr::from_ptr(text).to_string_lossy().into_owned()
            }
        }
    }

    /// Returns what was found in the utterance, once it has ended.
    pub(crate) fn hypothesis(&mut self) -> Hypothesis {
        Hypothesis {
            text: self.text(),
            fit: self.fit(),
        }
    }

    fn fit(&mut self) -> f32 {
        let (mut score, mut frames) = (0i64, 0i64);
        // SAFETY: the iterator is walked to its end, which frees it; all out-pointers are ours.
        unsafe {
            let mut segment = (self.api.ps_seg_iter)(self.raw.as_ptr());
            while !segment.is_null() {
                let (mut from, mut to, mut acoustic) = (0, 0, 0);
                let (mut language, mut backoff) = (0, 0);
                (self.api.ps_seg_frames)(segment, &raw mut from, &raw mut to);
                (self.api.ps_seg_prob)(
                    segment,
                    &raw mut acoustic,
                    &raw mut language,
                    &raw mut backoff,
                );
                score += i64::from(acoustic);
                frames += i64::from(to - from + 1);
                segment = (self.api.ps_seg_next)(segment);
            }
        }
        score as f32 / frames.max(1) as f32
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: nobody else has the decoder.
        unsafe { (self.api.ps_free)(self.raw.as_ptr()) };
    }
}

/// Returns whether the library can be used.
pub(crate) fn check() -> Result<(), EngineError> {
    api().map(|_| ())
}

fn failed(task: &'static str) -> EngineError {
    EngineError::Failed {
        engine: ENGINE,
        task,
    }
}

fn api() -> Result<&'static Api, EngineError> {
    static API: OnceLock<Result<Api, EngineError>> = OnceLock::new();
    API.get_or_init(Api::load).as_ref().map_err(Clone::clone)
}

type Raw = *mut c_void;

/// The beginning of `feat_t`.
#[repr(C)]
struct Features {
    references: c_int,
    name: *const c_char,
    size: i32,
    streams: i32,
    stream_lengths: *const u32,
    window: i32,
    subvectors: i32,
    subvector_lengths: *const u32,
    subvector_places: *const *const i32,
    subvector_buffer: *const f32,
    subvector_size: i32,
    normalisation: c_int,
    normalises_variance: i32,
    gain_control: c_int,
    compute: *const c_void,
    means: *mut Means,
}

/// `cmn_t`.
#[repr(C)]
struct Means {
    means: *const f32,
    variances: *const f32,
    sums: *const f32,
    frames: i32,
    count: i32,
}

/// The functions of `libpocketsphinx.so.3` and `libsphinxbase.so.3` that are used.
struct Api {
    cmd_ln_parse_r: unsafe extern "C" fn(Raw, *const c_void, c_int, *mut *mut c_char, c_int) -> Raw,
    cmd_ln_free_r: unsafe extern "C" fn(Raw) -> c_int,
    ckd_free: unsafe extern "C" fn(Raw),
    cmn_live_get: unsafe extern "C" fn(*mut Means, *mut f32),
    cmn_live_set: unsafe extern "C" fn(*mut Means, *const f32),
    ps_get_feat: unsafe extern "C" fn(Raw) -> *const Features,
    ps_args: unsafe extern "C" fn() -> *const c_void,
    ps_init: unsafe extern "C" fn(Raw) -> Raw,
    ps_free: unsafe extern "C" fn(Raw) -> c_int,
    ps_lookup_word: unsafe extern "C" fn(Raw, *const c_char) -> *mut c_char,
    ps_add_word: unsafe extern "C" fn(Raw, *const c_char, *const c_char, c_int) -> c_int,
    ps_set_jsgf_string: unsafe extern "C" fn(Raw, *const c_char, *const c_char) -> c_int,
    ps_set_search: unsafe extern "C" fn(Raw, *const c_char) -> c_int,
    ps_unset_search: unsafe extern "C" fn(Raw, *const c_char) -> c_int,
    ps_start_stream: unsafe extern "C" fn(Raw) -> c_int,
    ps_start_utt: unsafe extern "C" fn(Raw) -> c_int,
    ps_process_raw: unsafe extern "C" fn(Raw, *const i16, usize, c_int, c_int) -> c_int,
    ps_end_utt: unsafe extern "C" fn(Raw) -> c_int,
    ps_get_hyp: unsafe extern "C" fn(Raw, *mut i32) -> *const c_char,
    ps_seg_iter: unsafe extern "C" fn(Raw) -> Raw,
    ps_seg_next: unsafe extern "C" fn(Raw) -> Raw,
    ps_seg_frames: unsafe extern "C" fn(Raw, *mut c_int, *mut c_int),
    ps_seg_prob: unsafe extern "C" fn(Raw, *mut i32, *mut i32, *mut i32) -> i32,
    _libraries: [Library; 2],
}

impl Api {
    fn load() -> Result<Self, EngineError> {
        const BASE: &str = "libsphinxbase.so.3";
        const SPHINX: &str = "libpocketsphinx.so.3";
        let missing = |what| EngineError::Missing {
            what,
            package: PACKAGE,
        };
        // SAFETY: both are Debian's libraries of this version; the signatures are those of their headers, and the
        // libraries stay loaded as long as their functions can be reached.
        unsafe {
            let base = Library::new(BASE).map_err(|_| missing(BASE))?;
            let sphinx = Library::new(SPHINX).map_err(|_| missing(SPHINX))?;
            macro_rules! function {
                ($library:expr, $name:literal) => {
                    *$library.get($name).map_err(|_| missing($name))?
                };
            }
            let err_set_logfp: unsafe extern "C" fn(Raw) = function!(base, "err_set_logfp");
            // It would print words that were heard.
            err_set_logfp(ptr::null_mut());
            Ok(Self {
                cmd_ln_parse_r: function!(base, "cmd_ln_parse_r"),
                cmd_ln_free_r: function!(base, "cmd_ln_free_r"),
                ckd_free: function!(base, "ckd_free"),
                cmn_live_get: function!(base, "cmn_live_get"),
                cmn_live_set: function!(base, "cmn_live_set"),
                ps_get_feat: function!(sphinx, "ps_get_feat"),
                ps_args: function!(sphinx, "ps_args"),
                ps_init: function!(sphinx, "ps_init"),
                ps_free: function!(sphinx, "ps_free"),
                ps_lookup_word: function!(sphinx, "ps_lookup_word"),
                ps_add_word: function!(sphinx, "ps_add_word"),
                ps_set_jsgf_string: function!(sphinx, "ps_set_jsgf_string"),
                ps_set_search: function!(sphinx, "ps_set_search"),
                ps_unset_search: function!(sphinx, "ps_unset_search"),
                ps_start_stream: function!(sphinx, "ps_start_stream"),
                ps_start_utt: function!(sphinx, "ps_start_utt"),
                ps_process_raw: function!(sphinx, "ps_process_raw"),
                ps_end_utt: function!(sphinx, "ps_end_utt"),
                ps_get_hyp: function!(sphinx, "ps_get_hyp"),
                ps_seg_iter: function!(sphinx, "ps_seg_iter"),
                ps_seg_next: function!(sphinx, "ps_seg_next"),
                ps_seg_frames: function!(sphinx, "ps_seg_frames"),
                ps_seg_prob: function!(sphinx, "ps_seg_prob"),
                _libraries: [base, sphinx],
            })
        }
    }
}

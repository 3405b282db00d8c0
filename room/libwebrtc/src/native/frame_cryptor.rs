//! End-to-end encryption, which this crate refuses.
//!
//! `livekit` has no way to hear that encryption is missing. The first thing it needs is a
//! [`KeyProvider`], and making one panics: the application stops before anything is sent, where
//! going on would send in clear what the application believes to be encrypted. Applications that
//! want an error instead check their options before they ask for keys.

use std::error::Error;

use super::packet_trailer::PacketTrailerHandler;
use crate::peer_connection_factory::PeerConnectionFactory;
use crate::rtp_receiver::RtpReceiver;
use crate::rtp_sender::RtpSender;

const REFUSAL: &str = "end-to-end encryption is not available in this engine";

/// Called when the encryption of a track changes its state.
pub type OnStateChange = Box<dyn FnMut(String, EncryptionState) + Send + Sync>;

/// How keys are made from secrets.
#[derive(Copy, Clone, Debug)]
#[non_exhaustive]
pub enum KeyDerivationAlgorithm {
    /// By PBKDF2.
    PBKDF2,
    /// By HKDF.
    HKDF,
}

/// How keys are kept.
#[derive(Debug, Clone)]
pub struct KeyProviderOptions {
    /// One key for all.
    pub shared_key: bool,
    /// How many steps ahead a key is looked for.
    pub ratchet_window_size: i32,
    /// Salt for each step.
    pub ratchet_salt: Vec<u8>,
    /// Failures before a key counts as wrong.
    pub failure_tolerance: i32,
    /// How many keys are kept.
    pub key_ring_size: i32,
    /// How keys are made from secrets.
    pub key_derivation_algorithm: KeyDerivationAlgorithm,
}

/// How frames are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EncryptionAlgorithm {
    /// AES-GCM.
    AesGcm,
    /// AES-CBC.
    AesCbc,
}

/// State of the encryption of a track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EncryptionState {
    /// Nothing encrypted yet.
    New,
    /// Works.
    Ok,
    /// Could not encrypt.
    EncryptionFailed,
    /// Could not decrypt.
    DecryptionFailed,
    /// There is no key.
    MissingKey,
    /// The key took a step.
    KeyRatcheted,
    /// Something else.
    InternalError,
}

/// An encrypted data message.
#[derive(Debug, Clone)]
pub struct EncryptedPacket {
    /// The bytes.
    pub data: Vec<u8>,
    /// The initialisation vector.
    pub iv: Vec<u8>,
    /// Which key.
    pub key_index: u32,
}

/// Would keep keys. Cannot be made.
#[derive(Clone)]
pub struct KeyProvider(Never);

/// Would encrypt frames. Cannot be made.
#[derive(Clone)]
pub struct FrameCryptor(Never);

/// Would encrypt data messages. Cannot be made.
#[derive(Clone)]
pub struct DataPacketCryptor(Never);

/// Has no values, so that neither have the types made of it.
#[derive(Clone, Copy)]
enum Never {}

impl KeyProvider {
    /// Refuses.
    ///
    /// # Panics
    ///
    /// Always: the module says why.
    #[must_use]
    #[expect(
        clippy::panic,
        reason = "going on would send in clear what should be encrypted"
    )]
    pub fn new(_options: KeyProviderOptions) -> Self {
        panic!("{REFUSAL}")
    }
}

/// Declares methods of types that have no values.
macro_rules! unreachable_methods {
    ($owner:ident: $($name:ident($($type:ty),*) -> $output:ty;)*) => {
        impl $owner {
            $(
                /// Never called: there is no value to call it on.
                #[must_use]
                pub fn $name(&self $(, _: $type)*) -> $output {
                    match self.0 {}
                }
            )*
        }
    };
}

unreachable_methods! { KeyProvider:
    set_shared_key(i32, Vec<u8>) -> bool;
    ratchet_shared_key(i32) -> Option<Vec<u8>>;
    get_shared_key(i32) -> Option<Vec<u8>>;
    set_key(String, i32, Vec<u8>) -> bool;
    ratchet_key(String, i32) -> Option<Vec<u8>>;
    get_key(String, i32) -> Option<Vec<u8>>;
}

impl KeyProvider {
    /// Never called: there is no value to call it on.
    pub fn set_sif_trailer(&self, _trailer: Vec<u8>) {
        match self.0 {}
    }
}

impl FrameCryptor {
    /// Never called: there is no key provider to call it with.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the signature of the original crate"
    )]
    pub fn new_for_rtp_sender(
        _factory: &PeerConnectionFactory,
        _participant: String,
        _algorithm: EncryptionAlgorithm,
        keys: KeyProvider,
        _sender: RtpSender,
    ) -> Self {
        match keys.0 {}
    }

    /// Never called: there is no key provider to call it with.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the signature of the original crate"
    )]
    pub fn new_for_rtp_receiver(
        _factory: &PeerConnectionFactory,
        _participant: String,
        _algorithm: EncryptionAlgorithm,
        keys: KeyProvider,
        _receiver: RtpReceiver,
    ) -> Self {
        match keys.0 {}
    }

    /// Never called: there is no value to call it on.
    pub fn set_enabled(&self, _enabled: bool) {
        match self.0 {}
    }

    /// Never called: there is no value to call it on.
    pub fn on_state_change(&self, _callback: Option<OnStateChange>) {
        match self.0 {}
    }

    /// Never called: there is no value to call it on.
    pub fn set_packet_trailer_handler(&self, _handler: &PacketTrailerHandler) {
        match self.0 {}
    }
}

impl DataPacketCryptor {
    /// Never called: there is no key provider to call it with.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the signature of the original crate"
    )]
    pub fn new(_algorithm: EncryptionAlgorithm, keys: KeyProvider) -> Self {
        match keys.0 {}
    }

    /// Never called: there is no value to call it on.
    ///
    /// # Errors
    ///
    /// None.
    pub fn encrypt(
        &self,
        _participant: &str,
        _key_index: u32,
        _data: &[u8],
    ) -> Result<EncryptedPacket, Box<dyn Error>> {
        match self.0 {}
    }

    /// Never called: there is no value to call it on.
    ///
    /// # Errors
    ///
    /// None.
    pub fn decrypt(
        &self,
        _participant: &str,
        _packet: &EncryptedPacket,
    ) -> Result<Vec<u8>, Box<dyn Error>> {
        match self.0 {}
    }
}

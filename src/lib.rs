//! Patchbay: voice agents on phone, WhatsApp and web in LiveKit rooms.

//! RED against the format's own example, against itself, and against anything.

use proptest::prelude::*;

use super::*;

fn unpacked(bytes: &[u8]) -> Result<Vec<Block>, Malformed> {
    let mut blocks = Vec::new();
    unpack(&Payload::from(bytes.to_vec()), &mut blocks).map(|()| blocks)
}

#[test]
fn a_packet_with_one_earlier_frame_is_taken_apart() {
    // Type 111, age 960 = 0b00001111_000000, length 2; then the last header, and the frames.
    let packet = [0x80 | 111, 0x0f, 0x00, 2, 111, 0xaa, 0xbb, 0xcc];

    let blocks = unpacked(&packet).unwrap();

    assert_eq!(blocks.len(), 2);
    assert_eq!(
        (blocks[0].age, blocks[0].payload.bytes()),
        (960, &[0xaa, 0xbb][..])
    );
    assert_eq!((blocks[1].age, blocks[1].payload.bytes()), (0, &[0xcc][..]));
}

#[test]
fn a_length_beyond_the_end_is_malformed() {
    assert_eq!(
        unpacked(&[0x80 | 111, 0x0f, 0x00, 200, 111, 1, 2]),
        Err(Malformed)
    );
    assert_eq!(unpacked(&[0x80 | 111, 0x0f]), Err(Malformed));
    assert_eq!(unpacked(&[]), Err(Malformed));
}

proptest! {
    #[test]
    fn what_was_packed_is_unpacked(
        earlier in prop::collection::vec((0..=MAX_AGE, prop::collection::vec(any::<u8>(), 1..300)), 0..4),
        frame in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let mut packet = Vec::new();
        pack(&mut packet, 111, earlier.iter().map(|(age, bytes)| (*age, bytes.as_slice())), &frame);

        let blocks = unpacked(&packet).unwrap();

        let (last, rest) = blocks.split_last().unwrap();
        prop_assert_eq!(last.payload.bytes(), frame.as_slice());
        let rest: Vec<_> = rest.iter().map(|block| (block.age, block.payload.bytes().to_vec())).collect();
        prop_assert_eq!(rest, earlier);
    }

    #[test]
    fn any_bytes_are_unpacked_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..1500)) {
        if let Ok(blocks) = unpacked(&bytes) {
            let held: usize = blocks.iter().map(|block| block.payload.bytes().len()).sum();
            prop_assert!(held < bytes.len());
        }
    }
}

use super::*;
use crate::rows::Airport;

fn sealed() -> SealedRecord {
    let key = Key {
        minute: Minute(7),
        sequence: 9,
    };
    let [origin, destination] = ["LAX", "SFO"].map(|code| Airport::parse(code).unwrap());
    let trip = Trip {
        delay_minutes: -3,
        distance_miles: 337,
        origin,
        destination,
    };
    SealedRecord::new(key, Minute(40), trip)
}

#[test]
fn a_record_whose_parts_belong_to_others_is_not_intact() {
    assert!(sealed().is_intact());
    let spoilt: [fn(&mut SealedRecord); 7] = [
        |record| record.key.sequence += 1,
        |record| record.key.minute.0 ^= 1 << 31,
        |record| record.reported.0 += 1,
        |record| record.trip.delay_minutes = 3,
        |record| record.trip.distance_miles = 0,
        |record| std::mem::swap(&mut record.trip.origin, &mut record.trip.destination),
        |record| record.seal ^= 1 << 63,
    ];
    for (index, spoil) in spoilt.into_iter().enumerate() {
        let mut record = sealed();
        spoil(&mut record);
        assert!(!record.is_intact(), "number {index} was not noticed");
    }
}

use super::*;

#[test]
fn known_days() {
    assert_eq!(Minute::parse("1970/01/01 00:00"), Some(Minute(0)));
    assert_eq!(
        Minute::parse("1970/03/01 00:01"),
        Some(Minute(days(59) + 1))
    );
    // 1 January 2001 is day 11,323 of the Unix calendar.
    assert_eq!(
        Minute::parse("2001/01/01 00:47"),
        Some(Minute(days(11_323) + 47))
    );
}

#[test]
fn every_day_of_five_centuries_reads_back() {
    let first = Minute::parse("1970/01/01 23:59").unwrap();
    let mut texts = Vec::new();
    for day in 0..200_000 {
        let minute = first.plus(days(day));
        let text = minute.to_string();
        assert_eq!(Minute::parse(&text), Some(minute), "{text}");
        texts.push(text);
    }
    assert_eq!(texts.last().unwrap(), "2517/07/31 23:59");
    assert!(texts.is_sorted(), "the text of a later day sorts later");
}

#[test]
fn what_is_no_date_is_refused() {
    for text in [
        "",
        "2001/02/29 00:00",
        "1900/02/28 00:00",
        "2001/13/01 00:00",
        "2001/00/10 00:00",
        "2001/04/31 10:00",
        "2001/01/01 24:00",
        "2001/01/01 10:60",
        "2001/01/01",
        "2001/01/01/01 10:00",
        "2001-01-01 10:00",
        "2001/1/1 10:00",
        "+001/01/01 10:00",
        "2001/01/01 10:00:00",
        "2001/01/01 1O:00",
    ] {
        assert_eq!(Minute::parse(text), None, "{text:?}");
    }
    assert!(
        Minute::parse("2000/02/29 00:00").is_some(),
        "a leap day exists"
    );
}

#[test]
fn the_largest_value_prints() {
    assert_eq!(Minute(u32::MAX).plus(1), Minute(u32::MAX));
    assert!(Minute(u32::MAX).to_string().starts_with("10136/"));
}

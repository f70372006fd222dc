use super::*;
use crate::lines::{COLUMN_LIMIT, LINE_LIMIT};
use std::io::Read;

const HEADER: &str = "date,delay_minutes,distance_miles,origin,destination\n";

fn read(bytes: &[u8]) -> (Result<Vec<Flight>, InputError>, Vec<String>) {
    let mut rejected = Vec::new();
    let flights = read_flights(bytes, |rejection| rejected.push(rejection.to_string()));
    (flights, rejected)
}

fn flight(date: &str, delay_minutes: i32, distance_miles: u32, from: &str, to: &str) -> Flight {
    let origin = Airport::parse(from).unwrap();
    let destination = Airport::parse(to).unwrap();
    let trip = Trip {
        delay_minutes,
        distance_miles,
        origin,
        destination,
    };
    Flight {
        departure: Minute::parse(date).unwrap(),
        trip,
    }
}

#[test]
fn a_plain_table() {
    let text = format!("{HEADER}2001/01/01 00:47,66,1750,DTW,LAS\n2001/01/01 01:24,-5,407,LAS,OAK");
    let (flights, rejected) = read(text.as_bytes());
    let expected = [
        flight("2001/01/01 00:47", 66, 1750, "DTW", "LAS"),
        flight("2001/01/01 01:24", -5, 407, "LAS", "OAK"),
    ];
    assert_eq!(flights.unwrap(), expected);
    assert!(rejected.is_empty());
}

#[test]
fn other_dialects_of_the_same_table() {
    let expected = [flight("2001/01/01 00:47", 66, 1750, "DTW", "LAS")];
    for text in [
        "date,delay_minutes,distance_miles,origin,destination\r\n2001/01/01 00:47,66,1750,DTW,LAS\r\n",
        "\u{feff}date,delay_minutes,distance_miles,origin,destination\n\n2001/01/01 00:47,66,1750,DTW,LAS\n \n",
        "tail,destination,origin,distance_miles,delay_minutes,date\n\"N 1,2\",LAS,DTW,1750,66,2001/01/01 00:47\n",
        "\"date\",delay_minutes,distance_miles,origin,destination\n\"2001/01/01 00:47\",\"66\", 1750 ,DTW,\"LAS\"\n",
    ] {
        let (flights, rejected) = read(text.as_bytes());
        assert_eq!(flights.unwrap(), expected, "{text:?}");
        assert!(rejected.is_empty(), "{text:?}: {rejected:?}");
    }
}

#[test]
fn each_malformed_row_is_named_with_its_line_and_reason() {
    let cases: [(&[u8], &str); 14] = [
        (
            b"2001/02/30 00:47,66,1750,DTW,LAS",
            "date: `2001/02/30 00:47` is not a date",
        ),
        (
            b"2001/01/01 00:47,late,1750,DTW,LAS",
            "delay_minutes: `late` is not a whole number",
        ),
        (
            b"2001/01/01 00:47,,1750,DTW,LAS",
            "delay_minutes: `` is not a whole number",
        ),
        (
            b"2001/01/01 00:47,99999999999999999999,1,DTW,LAS",
            "delay_minutes: `9999",
        ),
        (
            b"2001/01/01 00:47,-99999999999,1,DTW,LAS",
            "`-99999999999` is too small",
        ),
        (
            b"2001/01/01 00:47,66,4294967296,DTW,LAS",
            "distance_miles: `4294967296` is too large",
        ),
        (
            b"2001/01/01 00:47,66,-1,DTW,LAS",
            "distance_miles: `-1` is not a whole number from 0 up",
        ),
        (
            b"2001/01/01 00:47,66,1750,dtw,LAS",
            "origin: `dtw` is not an airport code",
        ),
        (
            b"2001/01/01 00:47,66,1750,DTW,LASX",
            "destination: `LASX` is not an airport code",
        ),
        (
            b"2001/01/01 00:47,66,1750,DTW",
            "expected 5 fields, found 4",
        ),
        (
            b"2001/01/01 00:47,66,1750,DTW,LAS,",
            "expected 5 fields, found 6",
        ),
        (
            b"2001/01/01 00:47,66,1750,D\xFFW,LAS",
            "origin: `D\\xffW` is not UTF-8",
        ),
        (
            b"2001/01/01 00:47,66,1750,\"DTW,LAS",
            "a quote is not closed in its line",
        ),
        (b"\x00\x01\x02\x1b[31m", "expected 5 fields, found 1"),
    ];
    for (row, reason) in cases {
        let mut text = HEADER.as_bytes().to_vec();
        text.extend_from_slice(b"2001/01/01 00:01,1,1,AAA,BBB\n");
        text.extend_from_slice(row);
        text.extend_from_slice(b"\n2001/01/01 00:02,2,2,CCC,DDD\n");
        let (flights, rejected) = read(&text);
        assert_eq!(flights.unwrap().len(), 2, "the rows around {row:?} count");
        assert_eq!(rejected.len(), 1, "{row:?}");
        assert!(rejected[0].starts_with("line 3: "), "{}", rejected[0]);
        assert!(
            rejected[0].contains(reason),
            "{} lacks {reason}",
            rejected[0]
        );
    }
}

#[test]
fn a_line_without_end_is_skipped_and_the_next_one_counts() {
    for length in [
        LINE_LIMIT - 1,
        LINE_LIMIT,
        LINE_LIMIT + 1,
        LINE_LIMIT + 2,
        5 * LINE_LIMIT,
    ] {
        let long = "x".repeat(length);
        let text = format!("{HEADER}{long}\n2001/01/01 00:02,2,2,CCC,DDD\n");
        let (flights, rejected) = read(text.as_bytes());
        assert_eq!(flights.unwrap().len(), 1, "{length}");
        assert_eq!(rejected.len(), 1, "{length}: {rejected:?}");
        assert!(rejected[0].starts_with("line 2: "), "{}", rejected[0]);
        assert_eq!(
            rejected[0].contains("longer than"),
            length > LINE_LIMIT,
            "{}",
            rejected[0]
        );
    }
    let (flights, rejected) = read(format!("{HEADER}{}", "x".repeat(100_000)).as_bytes());
    assert!(
        matches!(flights, Err(InputError::NoFlights { rejected: 1 })),
        "{rejected:?}"
    );
}

#[test]
fn what_is_no_table_is_an_error() {
    let error = |bytes: &[u8]| read(bytes).0.unwrap_err().to_string();
    assert!(error(b"").contains("empty"));
    assert!(error(b"\n\n").contains("blank"));
    assert!(error(HEADER.as_bytes()).contains("no rows"));
    assert!(error(b"2001/01/01 00:47,66,1750,DTW,LAS\n").contains("no column `date`"));
    assert!(error(b"date,delay_minutes,origin,destination\n").contains("`distance_miles`"));
    assert!(error(b"\xFF\xFEd\x00a\x00t\x00e\x00\n").contains("no column `date` in `\\xff\\xfed"));
    assert!(error(format!("{HEADER}x\ny\n").as_bytes()).contains("all 2 are malformed"));
    assert!(error(&[b'x'; 100_000]).contains("longer than"));
    assert!(error(b"\"date,delay_minutes").contains("quote"));
    assert!(error("x,".repeat(COLUMN_LIMIT + 1).as_bytes()).contains("more than 64 fields"));
}

#[test]
fn a_source_that_fails_is_an_error() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let failed = read_flights(io::BufReader::new(Broken), |_| {}).unwrap_err();
    assert_eq!(failed.to_string(), "cannot be read: the disk is gone");
}

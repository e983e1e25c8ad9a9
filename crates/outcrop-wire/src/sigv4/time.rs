//! The one time format of SigV4: `20260301T120000Z`.

use std::fmt;

/// A second, as seconds since 1970 and as its text.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct AmzTime {
    seconds: i64,
    text: [u8; 16],
}

impl AmzTime {
    /// From seconds since 1970. Years outside 0 to 9999 are clamped.
    #[must_use]
    pub fn from_unix(seconds: i64) -> Self {
        // 0000-01-01 and 9999-12-31T23:59:59
        let seconds = seconds.clamp(-62_167_219_200, 253_402_300_799);
        let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let mut text = *b"00000000T000000Z";
        let mut put = |at: usize, width: usize, mut value: i64| {
            for digit in (at..at + width).rev() {
                text[digit] = b'0' + (value % 10) as u8;
                value /= 10;
            }
        };
        put(0, 4, year);
        put(4, 2, month);
        put(6, 2, day);
        put(9, 2, second / 3600);
        put(11, 2, second / 60 % 60);
        put(13, 2, second % 60);
        AmzTime { seconds, text }
    }

    /// From its text; `None` when it is not a time.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: &[u8; 16] = text.as_bytes().try_into().ok()?;
        let number = |at: usize, width: usize| -> Option<i64> {
            bytes[at..at + width]
                .iter()
                .try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
        };
        let (year, month, day) = (number(0, 4)?, number(4, 2)?, number(6, 2)?);
        let (hour, minute, second) = (number(9, 2)?, number(11, 2)?, number(13, 2)?);
        let time = AmzTime::from_unix(days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second);
        // A 30th of February or a 25th hour does not come back as it went in.
        (time.text == *bytes).then_some(time)
    }

    /// Seconds since 1970.
    #[must_use]
    pub fn unix(self) -> i64 {
        self.seconds
    }

    /// `20260301T120000Z`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap_or_default()
    }

    /// `20260301`.
    #[must_use]
    pub fn day(&self) -> &str {
        &self.as_str()[..8]
    }

    /// `2026-03-01`, as the catalogue's rows write days.
    #[must_use]
    pub fn iso_day(&self) -> String {
        let day = self.day();
        format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..])
    }

    /// `2026-03-01T12:00:00Z`.
    #[must_use]
    pub fn iso(&self) -> String {
        let text = self.as_str();
        format!("{}T{}:{}:{}Z", self.iso_day(), &text[9..11], &text[11..13], &text[13..15])
    }
}

impl fmt::Display for AmzTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for AmzTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Days since 1970 -> year, month, day of the Gregorian calendar, by eras of 400 years that begin in March.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let month_from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for (seconds, text) in [
            (0, "19700101T000000Z"),
            (951_782_400, "20000229T000000Z"),
            (1_440_938_160, "20150830T123600Z"),
            (1_772_366_400, "20260301T120000Z"),
            (4_107_542_399, "21000228T235959Z"),
        ] {
            assert_eq!(AmzTime::from_unix(seconds).as_str(), text);
            assert_eq!(AmzTime::parse(text).map(AmzTime::unix), Some(seconds));
        }
        assert_eq!(AmzTime::from_unix(1_772_366_461).iso(), "2026-03-01T12:01:01Z");
        for wrong in ["20260230T000000Z", "20260101T250000Z", "2026-01-01T00:00", "20260101T000000z", ""] {
            assert_eq!(AmzTime::parse(wrong), None, "{wrong}");
        }
    }
}

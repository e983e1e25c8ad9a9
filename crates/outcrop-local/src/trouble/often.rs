//! How often something happens, of the calls that it is for.

/// All of it must hold; with nothing said, always.
#[derive(Clone, Debug, Default)]
pub(crate) struct Often {
    pub(crate) every: Option<u64>,
    pub(crate) first: Option<u64>,
    pub(crate) from: Option<u64>,
    pub(crate) percent: Option<f64>,
}

impl Often {
    /// Whether it happens to the call of this number, from 1. Chance is asked only where the rest holds.
    pub(crate) fn holds(&self, call: u64, random: &mut fastrand::Rng) -> bool {
        self.every.is_none_or(|every| call.is_multiple_of(every))
            && self.first.is_none_or(|first| call <= first)
            && self.from.is_none_or(|from| call >= from)
            && self.percent.is_none_or(|percent| random.f64() * 100.0 < percent)
    }
}

#[cfg(test)]
mod tests {
    use super::Often;

    fn calls(often: &Often, seed: u64) -> Vec<u64> {
        let mut random = fastrand::Rng::with_seed(seed);
        (1..=12).filter(|call| often.holds(*call, &mut random)).collect()
    }

    #[test]
    fn all_that_is_said_must_hold() {
        let always = Often::default();
        assert_eq!(calls(&always, 0), (1..=12).collect::<Vec<u64>>());
        assert_eq!(calls(&Often { every: Some(5), ..Often::default() }, 0), [5, 10]);
        assert_eq!(calls(&Often { first: Some(2), ..Often::default() }, 0), [1, 2]);
        assert_eq!(calls(&Often { from: Some(11), ..Often::default() }, 0), [11, 12]);
        assert_eq!(calls(&Often { every: Some(2), from: Some(5), first: Some(8), percent: None }, 0), [6, 8]);
    }

    #[test]
    fn chance_is_the_same_with_the_same_seed() {
        let half = Often { percent: Some(50.0), ..Often::default() };
        assert_eq!(calls(&half, 7), calls(&half, 7));
        assert_ne!(calls(&half, 7), calls(&half, 8));
        assert!(calls(&Often { percent: Some(0.0), ..Often::default() }, 7).is_empty());
        assert_eq!(calls(&Often { percent: Some(100.0), ..Often::default() }, 7).len(), 12);
        let mut random = fastrand::Rng::with_seed(1);
        let tenth = Often { percent: Some(10.0), ..Often::default() };
        let of_many = (1..=10_000).filter(|call| tenth.holds(*call, &mut random)).count();
        assert!((900..1100).contains(&of_many), "{of_many}");
    }
}

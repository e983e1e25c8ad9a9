//! Chance that can be repeated: one seed decides everything.

/// The seed when nobody names another.
const USUAL_SEED: u64 = 20_260_301;

/// The seed to use: `JUDGE_SEED`, or the usual one.
///
/// # Errors
/// When `JUDGE_SEED` is set to something that is no number.
pub fn seed() -> Result<u64, String> {
    match std::env::var("JUDGE_SEED") {
        Err(_) => Ok(USUAL_SEED),
        Ok(text) => text.parse().map_err(|_| format!("expected JUDGE_SEED to be a number; saw {text:?}")),
    }
}

/// A source of random values.
pub struct Chance(fastrand::Rng);

impl Chance {
    /// The same seed gives the same values.
    pub fn new(seed: u64) -> Self {
        Chance(fastrand::Rng::with_seed(seed))
    }

    /// True once in `times`, on average.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// 0 to `limit` - 1.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0.usize(..limit)
    }

    /// `least` to `most`, both included.
    pub fn between(&mut self, least: usize, most: usize) -> usize {
        self.0.usize(least..=most)
    }

    /// Any 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0.u64(..)
    }

    /// One of `choices`, which must not be empty.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// Any bytes.
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.0.fill(&mut bytes);
        bytes
    }

    /// Text of `length` characters out of `alphabet`.
    pub fn text(&mut self, alphabet: &str, length: usize) -> String {
        let alphabet: Vec<char> = alphabet.chars().collect();
        (0..length).map(|_| self.pick(&alphabet)).collect()
    }
}

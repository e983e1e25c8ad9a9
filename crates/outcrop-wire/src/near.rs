//! Which of some names is meant by one that is none of them.

/// The most names that anybody wants to read.
const MOST: usize = 3;

/// The names that begin as `typed` does, and those that are spelled nearest to it, where that is near enough; at most three.
/// Capitals are as good as small letters.
///
/// ```
/// use outcrop_wire::near::near;
///
/// assert_eq!(near("us-est-1", ["us-east-1", "eu-west-3", "ap-east-2"]), ["us-east-1"]);
/// ```
pub fn near<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let typed = typed.to_lowercase();
    let length = typed.chars().count();
    let distance = |name: &str| {
        let name = name.to_lowercase();
        let begins_so = length > 1 && name.starts_with(&typed);
        let distance = strsim::osa_distance(&typed, &name);
        (begins_so || distance <= 1.max(length / 4)).then_some((!begins_so, distance))
    };
    let mut found: Vec<_> = names.into_iter().filter_map(|name| Some((distance(name)?, name))).collect();
    found.sort_by_key(|(distance, _)| *distance);
    // One that is the same but for capitals is meant, and no other.
    let least = found.iter().map(|((_, distance), _)| *distance).min().unwrap_or_default();
    found.retain(|((spelled, distance), _)| *distance == least || (!spelled && least > 0));
    found.into_iter().take(MOST).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn what_is_near_comes_first_and_what_is_not_is_left_out() {
        let regions = ["us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-1", "mx-central-1"];
        for (typed, expected) in [
            ("us-esat-1", &["us-east-1"][..]),
            ("us-eest-1", &["us-east-1", "us-west-1"]),
            ("us-east", &["us-east-1", "us-east-2"]),
            ("US-EAST-2", &["us-east-2"]),
            ("mars", &[]),
            ("", &[]),
        ] {
            assert_eq!(near(typed, regions), expected, "{typed}");
        }
        assert_eq!(near("prod", ["dev", "production", "prof"]), ["production", "prof"]);
    }
}

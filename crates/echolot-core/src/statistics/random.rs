//! Random numbers that depend on nothing but a seed and a position.

use std::num::NonZeroU32;

use super::masses::hypergeometric;

/// How a resampling method draws: the same seed and number of replicates give
/// the same result, whatever the threads and the order of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resampling {
    /// Where the random numbers begin.
    pub seed: u64,
    /// How often the method draws.
    pub replicates: NonZeroU32,
}

impl Default for Resampling {
    /// 1,999 replicates of seed 0: both ends of a 95 % interval are then the
    /// fiftieth value from their side.
    fn default() -> Self {
        const REPLICATES: NonZeroU32 = NonZeroU32::new(1_999).unwrap();
        Self { seed: 0, replicates: REPLICATES }
    }
}

/// Numbers that look drawn and are always the same for a seed: for shuffling
/// and for made-up data, where one stream of them is taken in order.
///
/// `SplitMix64`. Source: G. Steele, D. Lea, C. Flood, "Fast splittable
/// pseudorandom number generators", OOPSLA (2014).
#[derive(Debug, Clone)]
pub struct Draws(u64);

impl Draws {
    /// The draws of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, not including, `bound`, which is at least 1. The
    /// bias of the remainder is below one part in 2⁴⁰ for bounds below 2²⁴.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.bits() % bound as u64) as usize
    }

    /// Puts a list in random order. Source: R. Fisher and F. Yates,
    /// "Statistical Tables" (1938).
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for end in (1..list.len()).rev() {
            list.swap(end, self.below(end + 1));
        }
    }
}

/// The random numbers of one replicate.
///
/// Philox4x32-10, a counter-based generator: block `i` of replicate `r` is a
/// function of (seed, r, i) alone. Source: J. Salmon, M. Moraes, R. Dror,
/// D. Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC11 (2011). It is
/// written out here because a published interval must not change when a
/// library improves its sampling.
pub(super) struct Stream {
    key: [u32; 2],
    replicate: u32,
    block: u64,
    spare: Option<u64>,
}

impl Stream {
    pub(super) fn new(seed: u64, replicate: u32) -> Self {
        Self { key: [seed as u32, (seed >> 32) as u32], replicate, block: 0, spare: None }
    }

    /// A uniform number strictly between 0 and 1, with 53 random bits.
    pub(super) fn uniform(&mut self) -> f64 {
        let bits = self.spare.take().unwrap_or_else(|| {
            let counter = [self.block as u32, (self.block >> 32) as u32, self.replicate, 0];
            let [a, b, c, d] = philox(counter, self.key);
            self.block += 1;
            self.spare = Some(u64::from(c) << 32 | u64::from(d));
            u64::from(a) << 32 | u64::from(b)
        });
        ((bits >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Successes in `trials` trials of probability `p`, 0..=1.
    pub(super) fn binomial(&mut self, trials: u64, p: f64) -> u64 {
        if p > 0.5 {
            trials - self.binomial(trials, 1.0 - p)
        } else if trials as f64 * p < 10.0 {
            self.few(trials, p)
        } else {
            self.many(trials, p)
        }
    }

    /// Inversion from 0 upwards, for a mean below 10.
    fn few(&mut self, trials: u64, p: f64) -> u64 {
        // A value above 100 has a probability below 1e-60; the bound only
        // keeps rounding from running away.
        let last = trials.min(100);
        let (mut rest, mut k) = (self.uniform(), 0);
        let mut mass = libm::exp(trials as f64 * libm::log1p(-p));
        while rest > mass && k < last {
            rest -= mass;
            mass *= (trials - k) as f64 / (k + 1) as f64 * (p / (1.0 - p));
            k += 1;
        }
        k
    }

    /// Transformed rejection, algorithm BTRS, for a mean of 10 or more and p
    /// of 0.5 or less. Source: W. Hörmann, "The Generation of Binomial Random
    /// Variates", Journal of Statistical Computation and Simulation 46 (1993).
    fn many(&mut self, trials: u64, p: f64) -> u64 {
        let (n, odds) = (trials as f64, p / (1.0 - p));
        let deviation = (n * p * (1.0 - p)).sqrt();
        let width = 1.15 + 2.53 * deviation;
        let slope = -0.0873 + 0.0248 * width + 0.01 * p;
        let alpha = (2.83 + 5.1 / width) * deviation;
        let mode = ((n + 1.0) * p).floor();
        let at_mode = libm::lgamma(mode + 1.0) + libm::lgamma(n - mode + 1.0);
        loop {
            let u = self.uniform() - 0.5;
            let height = self.uniform();
            let edge = 0.5 - u.abs();
            let k = ((2.0 * slope / edge + width) * u + n * p + 0.5).floor();
            if edge >= 0.07 && height <= 0.92 - 4.2 / width {
                return k as u64;
            }
            if k < 0.0 || k > n {
                continue;
            }
            let density = at_mode - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0)
                + (k - mode) * libm::log(odds);
            if libm::log(height * alpha / (slope / (edge * edge) + width)) <= density {
                return k as u64;
            }
        }
    }

    /// Hits among `draws` without replacement from `population`, `hits` of
    /// which are hits.
    pub(super) fn hypergeometric(&mut self, population: u64, hits: u64, draws: u64) -> u64 {
        let masses = hypergeometric(population, hits, draws);
        let mode = masses.mode();
        let log_mass = log_choose(hits, mode) + log_choose(population - hits, draws - mode)
            - log_choose(population, draws);
        masses.pick(self.uniform(), libm::exp(log_mass))
    }
}

fn log_choose(n: u64, k: u64) -> f64 {
    let log_factorial = |x: u64| libm::lgamma(x as f64 + 1.0);
    log_factorial(n) - log_factorial(k) - log_factorial(n - k)
}

fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let even = u64::from(counter[0]) * 0xD251_1F53;
        let odd = u64::from(counter[2]) * 0xCD9E_8D57;
        counter = [
            (odd >> 32) as u32 ^ counter[1] ^ key[0],
            odd as u32,
            (even >> 32) as u32 ^ counter[3] ^ key[1],
            even as u32,
        ];
        key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
    }
    counter
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers that its authors publish with Random123.
    #[test]
    fn draws_are_those_of_the_published_generator() {
        // The first outputs of the reference implementation for this seed.
        let mut draws = Draws::new(1_234_567);
        let first = [draws.bits(), draws.bits(), draws.bits()];
        assert_eq!(
            first,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
        let mut list: Vec<usize> = (0..100).collect();
        draws.shuffle(&mut list);
        assert!(!list.is_sorted());
        list.sort_unstable();
        assert_eq!(list, (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn philox_gives_the_published_answers() {
        assert_eq!(philox([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(
            philox([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox(
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0]
            ),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn replicates_do_not_share_numbers() {
        let first = |seed, replicate| Stream::new(seed, replicate).uniform().to_bits();
        assert_eq!(first(7, 3), first(7, 3));
        assert_ne!(first(7, 3), first(7, 4));
        assert_ne!(first(7, 3), first(8, 3));
    }

    /// The mean and the variance of 20,000 draws lie within five standard
    /// errors of those of the distribution.
    fn check(draw: impl Fn(&mut Stream) -> u64, mean: f64, variance: f64) {
        let mut stream = Stream::new(1, 0);
        let draws: Vec<f64> = (0..20_000).map(|_| draw(&mut stream) as f64).collect();
        let n = draws.len() as f64;
        let found = draws.iter().sum::<f64>() / n;
        let spread = draws.iter().map(|x| (x - found).powi(2)).sum::<f64>() / (n - 1.0);
        assert!((found - mean).abs() < 5.0 * (variance / n).sqrt(), "{found} is not {mean}");
        assert!((spread / variance - 1.0).abs() < 5.0 * (2.2 / n).sqrt(), "{spread}, {variance}");
    }

    #[test]
    fn draws_have_the_mean_and_variance_of_their_distribution() {
        for (trials, p) in [(1, 0.3), (40, 0.1), (40, 0.5), (500, 0.03), (1_000_000, 0.7)] {
            let mean = trials as f64 * p;
            check(|stream| stream.binomial(trials, p), mean, mean * (1.0 - p));
        }
        for (population, hits, draws) in [(20, 5, 4), (1_000, 400, 300), (100_000, 200, 90_000)] {
            let (n, k, d) = (population as f64, hits as f64, draws as f64);
            let mean = d * k / n;
            let variance = mean * (1.0 - k / n) * (n - d) / (n - 1.0);
            check(|stream| stream.hypergeometric(population, hits, draws), mean, variance);
        }
        let mut stream = Stream::new(0, 0);
        assert_eq!([stream.binomial(9, 0.0), stream.binomial(9, 1.0)], [0, 9]);
        assert_eq!([stream.binomial(0, 0.4), stream.hypergeometric(5, 5, 2)], [0, 2]);
    }

    /// Pearson's chi-squared of 50,000 draws over each value of a binomial
    /// that is drawn by rejection: 25.5 expected, 60 is beyond 1 in 10,000.
    #[test]
    fn rejection_follows_the_binomial_distribution() {
        let (trials, p, draws) = (60_u64, 0.3, 50_000_u32);
        let mut stream = Stream::new(5, 0);
        let mut seen = vec![0_u32; trials as usize + 1];
        for _ in 0..draws {
            seen[stream.binomial(trials, p) as usize] += 1;
        }
        let masses = super::super::masses::binomial(trials, p);
        let chi_squared: f64 = (0..trials)
            .map(|k| (k, f64::from(draws) * (masses.upper_tail(k) - masses.upper_tail(k + 1))))
            .filter(|&(_, expected)| expected > 5.0)
            .map(|(k, expected)| (f64::from(seen[k as usize]) - expected).powi(2) / expected)
            .sum();
        assert!(chi_squared < 60.0, "{chi_squared}");
    }
}

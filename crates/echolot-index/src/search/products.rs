//! Dot products of many stored vectors with some that are wanted, as fast as memory gives them.

use std::ops::Range;

/// Vectors that are stored side by side.
pub(super) const ABREAST: usize = 16;
/// Components of a vector that lie together.
const TOGETHER: usize = 4;
/// The number of components is filled up to a multiple of this with zeros.
const PADDED: usize = 16;
/// Wanted vectors that are multiplied while a stored one is at hand.
const AT_ONCE: usize = 4;

/// Four components of each of sixteen vectors.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Lane([u8; ABREAST * TOGETHER]);

/// Vectors of signed bytes, sixteen side by side: one instruction multiplies
/// four components of each of them with those of a wanted one and adds them to
/// sixteen sums, so that no sum goes across a register.
///
/// That instruction takes bytes without sign on this side, so every component
/// is stored with 128 added, and 128 times the sum of what it was multiplied
/// by is taken off in the end.
#[derive(Debug, Default)]
pub(super) struct Stored {
    dims: usize,
    len: usize,
    lanes: Vec<Lane>,
}

/// A vector to multiply the stored ones with.
#[derive(Debug)]
pub(super) struct Wanted {
    /// Four components each, as they lie in memory.
    quads: Vec<[i8; TOGETHER]>,
    surplus: i32,
}

impl Wanted {
    pub(super) fn new(vector: &[i8]) -> Self {
        let mut padded = vector.to_vec();
        padded.resize(vector.len().next_multiple_of(PADDED), 0);
        let (quads, _) = padded.as_chunks();
        let surplus = 128 * vector.iter().map(|&x| i32::from(x)).sum::<i32>();
        Self { quads: quads.to_vec(), surplus }
    }
}

impl Stored {
    /// The number of components of each vector; 0 before the first.
    pub(super) fn dims(&self) -> usize {
        self.dims
    }

    /// The number of vectors.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Adds a vector. The first one says how many components all have.
    pub(super) fn push(&mut self, vector: &[i8]) {
        if self.len == 0 {
            self.dims = vector.len();
        }
        assert_eq!(vector.len(), self.dims, "all have as many components");
        if self.len.is_multiple_of(ABREAST) {
            let zeros = Lane([1 << 7; ABREAST * TOGETHER]);
            self.lanes.extend(std::iter::repeat_n(zeros, self.lanes_of_group()));
        }
        let (group, place) = (self.len / ABREAST, self.len % ABREAST);
        for (at, component) in vector.iter().enumerate() {
            let lane = group * self.lanes_of_group() + at / TOGETHER;
            let raised = component.cast_unsigned() ^ 1 << 7;
            self.lanes[lane].0[place * TOGETHER + at % TOGETHER] = raised;
        }
        self.len += 1;
    }

    /// A stored vector.
    pub(super) fn get(&self, index: usize) -> Vec<i8> {
        let (group, place) = (index / ABREAST, index % ABREAST);
        let component = |at: usize| {
            let lane = group * self.lanes_of_group() + at / TOGETHER;
            (self.lanes[lane].0[place * TOGETHER + at % TOGETHER] ^ 1 << 7).cast_signed()
        };
        (0..self.dims).map(component).collect()
    }

    fn lanes_of_group(&self) -> usize {
        self.dims.next_multiple_of(PADDED) / TOGETHER
    }

    /// The exact dot products of the vectors of these groups of sixteen with
    /// each wanted one: of the first with all of them, then of the second, and
    /// so on. Every way to compute them gives the same integers. Products of
    /// two bytes fit 16 bits and sums of thousands of them 32, and below 2^24
    /// they are exact as `f32` too.
    ///
    /// # Panics
    /// When `out` does not hold as many places, or a wanted vector does not
    /// have as many components.
    pub(super) fn products(&self, groups: Range<usize>, wanted: &[&Wanted], out: &mut [i32]) {
        let per_wanted = groups.len() * ABREAST;
        let lanes = self.lanes_of_group();
        assert_eq!(out.len(), wanted.len() * per_wanted, "one place for each product");
        assert!(wanted.iter().all(|wanted| wanted.quads.len() == lanes), "as many components");
        if per_wanted == 0 {
            return;
        }
        if lanes == 0 {
            return out.fill(0);
        }
        let stored = &self.lanes[groups.start * lanes..groups.end * lanes];
        let outs = out.chunks_mut(AT_ONCE * per_wanted);
        for (wanted, out) in wanted.chunks(AT_ONCE).zip(outs) {
            products_of_some(stored, wanted, out);
        }
    }
}

/// The products of whole groups with one to four wanted vectors.
#[cfg_attr(
    target_arch = "x86_64",
    expect(
        unsafe_code,
        reason = "instructions are used only after the processor was asked for them"
    )
)]
fn products_of_some(stored: &[Lane], wanted: &[&Wanted], out: &mut [i32]) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni") {
            // SAFETY: the processor has just been found to have AVX-512 F and VNNI.
            return unsafe {
                match wanted.len() {
                    1 => products_vnni::<1, 4>(stored, wanted, out),
                    2 => products_vnni::<2, 2>(stored, wanted, out),
                    3 => products_vnni::<3, 1>(stored, wanted, out),
                    _ => products_vnni::<4, 1>(stored, wanted, out),
                }
            };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has just been found to have AVX2.
            return unsafe { products_avx2(stored, wanted, out) };
        }
    }
    products_portable(stored, wanted, out);
}

/// Of `WANTED` vectors, each in `CHAINS` sums that do not wait for one another.
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "loads and stores take addresses")]
#[target_feature(enable = "avx512f,avx512vnni")]
fn products_vnni<const WANTED: usize, const CHAINS: usize>(
    stored: &[Lane],
    wanted: &[&Wanted],
    out: &mut [i32],
) {
    use std::arch::x86_64::{
        _mm512_add_epi32, _mm512_dpbusd_epi32, _mm512_load_si512, _mm512_set1_epi32,
        _mm512_setzero_si512, _mm512_storeu_si512, _mm512_sub_epi32,
    };
    let wanted: &[&Wanted; WANTED] = wanted.try_into().expect("as many as there are sums");
    let lanes = wanted[0].quads.len();
    let per_wanted = out.len() / WANTED;
    for (group, stored) in stored.chunks_exact(lanes).enumerate() {
        let mut sums = [[_mm512_setzero_si512(); CHAINS]; WANTED];
        for at in (0..lanes).step_by(CHAINS) {
            for chain in 0..CHAINS {
                // SAFETY: the lane is aligned to its 64 bytes.
                let own = unsafe { _mm512_load_si512(stored[at + chain].0.as_ptr().cast()) };
                for (sums, wanted) in sums.iter_mut().zip(wanted) {
                    let quad = i32::from_ne_bytes(wanted.quads[at + chain].map(i8::cast_unsigned));
                    let quad = _mm512_set1_epi32(quad);
                    sums[chain] = _mm512_dpbusd_epi32(sums[chain], own, quad);
                }
            }
        }
        for (index, (sums, wanted)) in sums.into_iter().zip(wanted).enumerate() {
            let raised = sums.into_iter().reduce(|a, b| _mm512_add_epi32(a, b));
            let surplus = _mm512_set1_epi32(wanted.surplus);
            let sums = _mm512_sub_epi32(raised.expect("there is a chain"), surplus);
            let start = index * per_wanted + group * ABREAST;
            let out = &mut out[start..start + ABREAST];
            // SAFETY: these are the sixteen places that are written.
            unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), sums) };
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn products_avx2(stored: &[Lane], wanted: &[&Wanted], out: &mut [i32]) {
    products_portable(stored, wanted, out);
}

/// The loop itself, vectorised by the compiler for whatever it is inlined into.
#[expect(clippy::inline_always, reason = "only inlined it takes on its caller's instructions")]
#[inline(always)]
fn products_portable(stored: &[Lane], wanted: &[&Wanted], out: &mut [i32]) {
    let per_wanted = out.len() / wanted.len();
    for (wanted, out) in wanted.iter().zip(out.chunks_exact_mut(per_wanted)) {
        let (out, _) = out.as_chunks_mut::<ABREAST>();
        for (stored, out) in stored.chunks_exact(wanted.quads.len()).zip(out) {
            let mut sums = [-wanted.surplus; ABREAST];
            for (lane, quad) in stored.iter().zip(&wanted.quads) {
                let quad = quad.map(i32::from);
                let (own, _) = lane.0.as_chunks::<TOGETHER>();
                for (sum, own) in sums.iter_mut().zip(own) {
                    let products = own.iter().zip(quad).map(|(&x, y)| i32::from(x) * y);
                    *sum += products.sum::<i32>();
                }
            }
            *out = sums;
        }
    }
}

/// The exact dot product of two vectors.
pub(super) fn product(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(&x, &y)| i32::from(x) * i32::from(y)).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stored(vectors: &[&[i8]]) -> Stored {
        let mut stored = Stored::default();
        for vector in vectors {
            stored.push(vector);
        }
        stored
    }

    proptest! {
        #[test]
        fn products_are_exact_whichever_way(
            dims in 1..100_usize,
            num_wanted in 1..10_usize,
            bytes in prop::collection::vec(any::<i8>(), 3000),
        ) {
            let vectors: Vec<&[i8]> = bytes.chunks_exact(dims).collect();
            let (wanted, others) = vectors.split_at(num_wanted);
            let stored = stored(others);
            for (index, vector) in others.iter().enumerate() {
                prop_assert_eq!(&stored.get(index), vector);
            }
            let groups = 0..others.len().div_ceil(ABREAST);
            let packed: Vec<Wanted> = wanted.iter().map(|wanted| Wanted::new(wanted)).collect();
            let per_wanted = groups.len() * ABREAST;
            let mut found = vec![-1; num_wanted * per_wanted];
            let packed: Vec<&Wanted> = packed.iter().collect();
            stored.products(groups.clone(), &packed, &mut found);
            for (wanted, found) in wanted.iter().zip(found.chunks(per_wanted)) {
                let exact = others.iter().map(|other| product(other, wanted));
                prop_assert_eq!(&found[..others.len()], exact.collect::<Vec<_>>());
            }
            let mut portable = vec![-1; found.len()];
            products_portable(&stored.lanes, &packed, &mut portable);
            prop_assert_eq!(&portable, &found);
            // Of a part of the groups.
            let mut last = vec![-1; ABREAST];
            stored.products(groups.end - 1..groups.end, &packed[..1], &mut last);
            prop_assert_eq!(&last, &found[per_wanted - ABREAST..per_wanted]);
        }
    }

    #[test]
    fn the_greatest_bytes_do_not_overflow() {
        let (lowest, greatest) = (vec![i8::MIN; 1024], vec![i8::MAX; 1024]);
        let stored = stored(&[&lowest, &greatest]);
        let mut found = vec![0; 2 * ABREAST];
        stored.products(0..1, &[&Wanted::new(&lowest), &Wanted::new(&greatest)], &mut found);
        assert_eq!(found[..2], [1024 * 128 * 128, -1024 * 128 * 127]);
        assert_eq!(found[ABREAST..][..2], [-1024 * 128 * 127, 1024 * 127 * 127]);
        assert_eq!(product(&lowest, &greatest), -1024 * 128 * 127);
    }
}

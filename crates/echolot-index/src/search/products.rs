//! Dot products of many stored vectors with one, as fast as memory gives them.

/// The exact dot product of each vector in `stored`, which lie one after the
/// other, with `wanted`. Every way to compute them gives the same integers.
/// Products of two bytes fit 16 bits and sums of thousands of them 32, and below
/// 2^24 they are exact as `f32` too.
///
/// # Panics
/// When `stored` does not hold as many vectors as `out` has places.
#[cfg_attr(
    target_arch = "x86_64",
    expect(
        unsafe_code,
        reason = "instructions are used only after the processor was asked for them"
    )
)]
pub(super) fn products(stored: &[i8], wanted: &[i8], out: &mut [i32]) {
    assert_eq!(stored.len(), wanted.len() * out.len(), "one place for each vector");
    if wanted.is_empty() {
        return out.fill(0);
    }
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni") {
            // SAFETY: the processor has just been found to have AVX-512 F and VNNI.
            return unsafe { products_vnni(stored, wanted, out) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has just been found to have AVX2.
            return unsafe { products_avx2(stored, wanted, out) };
        }
    }
    products_portable(stored, wanted, out);
}

/// The exact dot product of two vectors.
pub(super) fn product(a: &[i8], b: &[i8]) -> i32 {
    let mut product = [0];
    products(a, b, &mut product);
    product[0]
}

/// Bytes of a register.
#[cfg(target_arch = "x86_64")]
const LANES: usize = 64;

/// The instruction multiplies bytes without sign by bytes with sign. Turning the
/// sign bit of a stored byte adds 128 to it, so 128 times the sum of what it is
/// multiplied by is taken off at the end.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vnni")]
fn products_vnni(stored: &[i8], wanted: &[i8], out: &mut [i32]) {
    use std::arch::x86_64::{
        _mm512_dpbusd_epi32, _mm512_reduce_add_epi32, _mm512_set1_epi8, _mm512_setzero_si512,
        _mm512_xor_si512,
    };
    let (lanes, tail) = wanted.as_chunks::<LANES>();
    let surplus = 128 * lanes.iter().flatten().map(|&x| i32::from(x)).sum::<i32>();
    let sign = _mm512_set1_epi8(i8::MIN);
    for (vector, out) in stored.chunks_exact(wanted.len()).zip(out) {
        let (own, own_tail) = vector.as_chunks::<LANES>();
        let mut sums = _mm512_setzero_si512();
        for (own, wanted) in own.iter().zip(lanes) {
            let raised = _mm512_xor_si512(load(own), sign);
            sums = _mm512_dpbusd_epi32(sums, raised, load(wanted));
        }
        *out = _mm512_reduce_add_epi32(sums) - surplus + dot(own_tail, tail);
    }
}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the instruction takes an address")]
#[target_feature(enable = "avx512f")]
fn load(lanes: &[i8; LANES]) -> std::arch::x86_64::__m512i {
    // SAFETY: these are the 64 bytes that are read; they need not be aligned.
    unsafe { std::arch::x86_64::_mm512_loadu_si512(lanes.as_ptr().cast()) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn products_avx2(stored: &[i8], wanted: &[i8], out: &mut [i32]) {
    products_portable(stored, wanted, out);
}

/// The loop itself, vectorised by the compiler for whatever it is inlined into.
#[expect(clippy::inline_always, reason = "only inlined it takes on its caller's instructions")]
#[inline(always)]
fn products_portable(stored: &[i8], wanted: &[i8], out: &mut [i32]) {
    for (vector, out) in stored.chunks_exact(wanted.len()).zip(out) {
        *out = dot(vector, wanted);
    }
}

#[expect(clippy::inline_always, reason = "as above")]
#[inline(always)]
fn dot(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(&x, &y)| i32::from(i16::from(x) * i16::from(y))).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn products_are_exact_whichever_way(
            dims in 0..300_usize,
            bytes in prop::collection::vec(any::<i8>(), 1500),
        ) {
            let (wanted, stored) = bytes.split_at(dims);
            let count = stored.len().checked_div(dims).unwrap_or(3);
            let stored = &stored[..dims * count];
            let mut found = vec![0; count];
            products(stored, wanted, &mut found);
            let exact = |at: usize| -> i64 {
                let own = &stored[at * dims..(at + 1) * dims];
                own.iter().zip(wanted).map(|(x, y)| i64::from(*x) * i64::from(*y)).sum()
            };
            let expected: Vec<i64> = (0..count).map(exact).collect();
            prop_assert_eq!(found.iter().map(|&x| i64::from(x)).collect::<Vec<_>>(), expected.clone());
            if dims > 0 {
                products_portable(stored, wanted, &mut found);
                prop_assert_eq!(found.into_iter().map(i64::from).collect::<Vec<_>>(), expected);
            }
        }
    }

    #[test]
    fn the_greatest_bytes_do_not_overflow() {
        let lowest = vec![i8::MIN; 1024];
        assert_eq!(product(&lowest, &lowest), 1024 * 128 * 128);
        assert_eq!(product(&lowest, &vec![i8::MAX; 1024]), -1024 * 128 * 127);
    }
}

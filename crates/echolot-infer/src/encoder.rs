//! Runs windows of tokens through the encoder in batches of fixed shape.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use ort::session::Session;
use ort::session::builder::{GraphOptimizationLevel, PrepackedWeights};
use ort::value::TensorRef;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::windows::Window;
use crate::{Error, Runtime};

/// Row lengths in tokens. A window is padded to the shortest that holds it, so
/// its shape, and with it its arithmetic, follows from its own length.
const ROW_LENGTHS: [usize; 14] = [12, 16, 20, 24, 32, 40, 48, 64, 96, 128, 192, 256, 384, 512];

/// Tokens per batch: enough rows to keep the matrix kernels busy, few enough
/// that a single short text does not wait for many dummy rows.
const BATCH_TOKENS: usize = 512;

/// The id of `<pad>` in the XLM-R vocabulary.
const PAD: i64 = 1;

/// One session per worker over shared weights, and the threads that use them.
pub(crate) struct Encoder {
    sessions: Vec<Mutex<Session>>,
    pool: ThreadPool,
    dims: usize,
    /// Keeps the weights that all sessions share alive.
    _weights: PrepackedWeights,
}

/// Windows that share a shape: indices into the caller's list, at most as many
/// as the batch has rows.
pub(crate) struct Batch {
    row_tokens: usize,
    rows: usize,
    pub(crate) windows: Vec<usize>,
}

impl Batch {
    /// One window in one row, without dummies: for a text that is waited for.
    /// Its row is as long as in any batch.
    pub(crate) fn of_one(window: usize, tokens: usize) -> Self {
        Self { row_tokens: ROW_LENGTHS[shape_of(tokens)], rows: 1, windows: vec![window] }
    }

    /// Each window of this batch in a batch of its own, of the same shape.
    pub(crate) fn singly(&self) -> impl Iterator<Item = Self> {
        let alone = |&window| Self { windows: vec![window], ..*self };
        self.windows.iter().map(alone)
    }
}

impl Encoder {
    pub(crate) fn open(
        runtime: &Runtime,
        file: &Path,
        dims: usize,
        workers: usize,
    ) -> Result<Self, Error> {
        let failed = |source| Error::Inference { what: file.display().to_string(), source };
        let weights = PrepackedWeights::new();
        let session = || -> Result<_, ort::Error> {
            Session::builder(runtime.environment())?
                .with_optimization_level(GraphOptimizationLevel::Level1)?
                .with_intra_threads(1)?
                .with_inter_threads(1)?
                .with_prepacked_weights(&weights)?
                .commit_from_file(file)
        };
        let sessions = (0..workers.max(1))
            .map(|_| session().map(Mutex::new))
            .collect::<Result<Vec<_>, _>>()
            .map_err(failed)?;
        let pool = ThreadPoolBuilder::new()
            .num_threads(sessions.len())
            .thread_name(|n| format!("infer-{n}"))
            .build()?;
        Ok(Self { sessions, pool, dims, _weights: weights })
    }

    /// The threads that run the batches.
    pub(crate) fn pool(&self) -> &ThreadPool {
        &self.pool
    }

    /// Encodes one batch and hands each window with its token states
    /// (`tokens x dims`, row after row) to `each`. Call it from the pool.
    pub(crate) fn run<T>(
        &self,
        batch: &Batch,
        windows: &[Window],
        mut each: impl FnMut(usize, &[f32]) -> T,
    ) -> Result<Vec<T>, Error> {
        let shape = [batch.rows, batch.row_tokens];
        let mut ids = vec![PAD; batch.rows * batch.row_tokens];
        let mut mask = vec![0_i64; ids.len()];
        for (row, &window) in batch.windows.iter().enumerate() {
            for (column, &id) in windows[window].ids.iter().enumerate() {
                ids[row * batch.row_tokens + column] = i64::from(id);
                mask[row * batch.row_tokens + column] = 1;
            }
        }
        // A dummy row attends to its first token, as a row of nothing but
        // padding would divide by zero.
        for row in batch.windows.len()..batch.rows {
            mask[row * batch.row_tokens] = 1;
        }

        let failed = |source| Error::Inference {
            what: format!("a batch of {} x {} tokens", batch.rows, batch.row_tokens),
            source,
        };
        let worker = rayon::current_thread_index().unwrap_or(0) % self.sessions.len();
        let mut session = self.sessions[worker].lock().unwrap_or_else(PoisonError::into_inner);
        let outputs = session
            .run(ort::inputs![
                "input_ids" => TensorRef::from_array_view((shape, ids.as_slice())).map_err(failed)?,
                "attention_mask" => TensorRef::from_array_view((shape, mask.as_slice())).map_err(failed)?,
            ])
            .map_err(failed)?;
        let (_, states) = outputs["token_states"].try_extract_tensor::<f32>().map_err(failed)?;
        let rows = states.chunks_exact(batch.row_tokens * self.dims);
        Ok(batch
            .windows
            .iter()
            .zip(rows)
            .map(|(&window, row)| each(window, &row[..windows[window].ids.len() * self.dims]))
            .collect())
    }
}

/// Groups windows by shape, longest first, so that the last batches to finish
/// are the cheap ones.
pub(crate) fn batches(windows: &[Window]) -> Vec<Batch> {
    let mut by_length: Vec<Vec<usize>> = vec![vec![]; ROW_LENGTHS.len()];
    for (window, tokens) in windows.iter().map(|window| window.ids.len()).enumerate() {
        by_length[shape_of(tokens)].push(window);
    }
    let shapes = ROW_LENGTHS.iter().zip(by_length).rev();
    shapes
        .flat_map(|(&row_tokens, windows)| {
            let rows = BATCH_TOKENS / row_tokens;
            let chunks = windows.chunks(rows).map(<[usize]>::to_vec).collect::<Vec<_>>();
            chunks.into_iter().map(move |windows| Batch { row_tokens, rows, windows })
        })
        .collect()
}

/// The index of the row length for so many tokens.
fn shape_of(tokens: usize) -> usize {
    let shape = ROW_LENGTHS.iter().position(|&length| tokens <= length);
    shape.expect("a window holds at most the longest row length")
}

/// The longest row there is, in tokens.
pub(crate) const fn longest_row() -> usize {
    ROW_LENGTHS[ROW_LENGTHS.len() - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_window_is_in_one_batch_whose_shape_follows_from_its_length() {
        let windows: Vec<_> = (1..=512)
            .map(|tokens| Window { ids: vec![5; tokens], units: vec![None; tokens] })
            .collect();
        let batches = batches(&windows);
        let mut seen: Vec<_> = batches.iter().flat_map(|batch| batch.windows.clone()).collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..512).collect::<Vec<_>>());
        for batch in &batches {
            assert_eq!(batch.rows, BATCH_TOKENS / batch.row_tokens);
            assert!(batch.windows.len() <= batch.rows);
            assert!(
                batch.windows.iter().all(|&window| windows[window].ids.len() <= batch.row_tokens)
            );
        }
    }
}

//! The model: windows, encoder, pooling and heads in their order.

use std::ops::Range;

use rayon::prelude::*;

use crate::encoder::{Batch, Encoder, batches};
use crate::heads::Heads;
use crate::pooling::{Sum, WindowSums, sum_window};
use crate::windows::{Window, Windower};
use crate::{Error, Labels, Manifest, Passage, Reading, Runtime};

/// Something that reads passages. The pipeline knows no more of a model than
/// this, and is tested with [`crate::HashModel`].
pub trait Analyse: Send + Sync {
    /// Identifies the model: equal fingerprints mean equal readings.
    fn fingerprint(&self) -> [u8; 16];

    /// Names of the columns of a reading.
    fn labels(&self) -> &Labels;

    /// Reads passages; one result per passage, in order. A reading depends on
    /// its own passage only. `progress` is told of passages as they are done,
    /// from any thread.
    fn analyse(
        &self,
        passages: &[Passage],
        progress: &(dyn Fn(usize) + Sync),
    ) -> Vec<Result<Reading, Error>>;

    /// Reads one passage that somebody waits for, such as a query. The same
    /// passage always has the same reading.
    fn analyse_one(&self, passage: &Passage) -> Result<Reading, Error> {
        let reading = self.analyse(std::slice::from_ref(passage), &|_| ()).into_iter().next();
        reading.expect("there is one reading per passage")
    }
}

/// The shipped model, run by ONNX Runtime.
pub struct Model {
    manifest: Manifest,
    windower: Windower,
    encoder: Encoder,
    heads: Heads,
}

impl Model {
    /// Loads the model that `manifest` describes, with one session for each of
    /// `workers` threads (at least one).
    pub fn open(manifest: Manifest, runtime: &Runtime, workers: usize) -> Result<Self, Error> {
        manifest.check_files()?;
        let heads =
            Heads::open(&manifest.path("heads.safetensors"), manifest.dims, &manifest.labels)?;
        let tokenizer = manifest.path("tokenizer.json");
        let windower = Windower::open(&tokenizer, &manifest.prefix, manifest.max_tokens)?;
        let encoder =
            Encoder::open(runtime, &manifest.path("encoder.onnx"), manifest.dims, workers)?;
        Ok(Self { manifest, windower, encoder, heads })
    }

    /// The model's description.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Encodes all windows and sums their token states; one result per window.
    fn sum_windows(
        &self,
        windows: &[Window],
        owned: &[Result<Range<usize>, Error>],
        progress: &(dyn Fn(usize) + Sync),
    ) -> Vec<Option<Result<WindowSums, Error>>> {
        let mut opens_passage = vec![false; windows.len()];
        owned.iter().flatten().for_each(|own| opens_passage[own.start] = true);
        let summed: Vec<_> = batches(windows)
            .par_iter()
            .flat_map_iter(|batch| {
                let summed = self.sum_batch(batch, windows);
                progress(batch.windows.iter().filter(|window| opens_passage[**window]).count());
                summed
            })
            .collect();
        let mut by_window: Vec<_> = windows.iter().map(|_| None).collect();
        for (window, sums) in summed {
            by_window[window] = Some(sums);
        }
        by_window
    }

    /// Sums the windows of one batch. When the batch fails, each window is
    /// tried alone, so that one bad row costs only itself.
    fn sum_batch(
        &self,
        batch: &Batch,
        windows: &[Window],
    ) -> Vec<(usize, Result<WindowSums, Error>)> {
        let dims = self.manifest.dims;
        let sum = |window: usize, states: &[f32]| {
            (window, Ok(sum_window(&windows[window], states, dims)))
        };
        match self.encoder.run(batch, windows, sum) {
            Ok(sums) => sums,
            Err(error) if batch.windows.len() == 1 => vec![(batch.windows[0], Err(error))],
            Err(_) => batch.singly().flat_map(|single| self.sum_batch(&single, windows)).collect(),
        }
    }

    /// Puts the window sums of one passage together and applies the heads.
    fn read(&self, passage: &Passage, windows: &[WindowSums]) -> Reading {
        let dims = self.manifest.dims;
        let mut whole = Sum::empty(dims);
        let mut units = vec![Sum::empty(dims); passage.units.len()];
        for window in windows {
            whole.add(&window.whole);
            for (unit, sum) in &window.units {
                units[*unit as usize].add(sum);
            }
        }
        let direction = whole.direction().expect("a window holds at least the special tokens");
        let centred = self.heads.centre_whole(&direction);
        let scores = self.heads.score_whole(&direction, &centred);
        // A unit without a token of its own is judged as the whole is.
        let units = units.iter().map(|unit| {
            let own = unit.direction();
            self.heads.score_unit(own.as_deref().unwrap_or(&direction), &centred)
        });
        Reading {
            polarity: scores.polarity,
            score: scores.score,
            intents: scores.intents,
            topics: scores.topics,
            vector: scores.vector,
            units: units.collect(),
        }
    }
}

impl Analyse for Model {
    fn fingerprint(&self) -> [u8; 16] {
        self.manifest.fingerprint()
    }

    fn labels(&self) -> &Labels {
        &self.manifest.labels
    }

    fn analyse(
        &self,
        passages: &[Passage],
        progress: &(dyn Fn(usize) + Sync),
    ) -> Vec<Result<Reading, Error>> {
        self.encoder.pool().install(|| {
            let cut: Vec<_> =
                passages.par_iter().map(|passage| self.windower.windows(passage)).collect();
            let mut windows = Vec::with_capacity(passages.len());
            let owned: Vec<Result<Range<usize>, Error>> = cut
                .into_iter()
                .map(|own| {
                    let start = windows.len();
                    windows.extend(own?);
                    Ok(start..windows.len())
                })
                .collect();
            let mut sums = self.sum_windows(&windows, &owned, progress);
            let owned_sums: Vec<Result<Vec<WindowSums>, Error>> = owned
                .into_iter()
                .map(|own| {
                    own?.map(|window| sums[window].take().expect("each window is summed once"))
                        .collect()
                })
                .collect();
            passages
                .par_iter()
                .zip(owned_sums)
                .map(|(passage, sums)| Ok(self.read(passage, &sums?)))
                .collect()
        })
    }

    /// In batches of one row each: some milliseconds for a short text, where a
    /// batch filled with dummies takes as long as 512 tokens do. A row is as
    /// long in either, so the bits of the reading agree as well, as far as the
    /// kernels of ONNX Runtime treat rows alike.
    fn analyse_one(&self, passage: &Passage) -> Result<Reading, Error> {
        self.encoder.pool().install(|| {
            let windows = self.windower.windows(passage)?;
            let sums: Vec<WindowSums> = (0..windows.len())
                .into_par_iter()
                .map(|window| {
                    let batch = Batch::of_one(window, windows[window].ids.len());
                    self.sum_batch(&batch, &windows).remove(0).1
                })
                .collect::<Result<_, _>>()?;
            Ok(self.read(passage, &sums))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The shipped model; none, and a message, where ONNX Runtime was not fetched.
    fn shipped() -> Option<Model> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let manifest = Manifest::read(&root.join("models")).unwrap();
        let library = manifest.runtime.as_ref()?.library.file_name()?;
        let library = root.join(".cache/runtime").join(library);
        if !library.is_file() {
            eprintln!("SKIPPED: there is no ONNX Runtime; `make runtime` fetches it");
            return None;
        }
        let runtime = Runtime::load(&[library]).unwrap();
        Some(Model::open(manifest, &runtime, 2).unwrap())
    }

    #[test]
    fn a_passage_is_read_alone_as_in_a_batch_to_the_last_bit() {
        let Some(model) = shipped() else { return };
        let words = "Der Akku hält nur noch einen halben Tag und die Hotline hilft nicht the \
                     delivery was late again but staff were kind";
        let words: Vec<&str> = words.split(' ').collect();
        // Every row length there is, and more than one window.
        let texts: Vec<String> = [0, 1, 2, 3, 5, 8, 11, 14, 18, 24, 36, 60, 90, 140, 230, 420, 900]
            .iter()
            .map(|&count| words.iter().cycle().take(count).copied().collect::<Vec<_>>().join(" "))
            .collect();
        let whole = |text: &String| std::iter::once(0..text.len()).collect();
        let units: Vec<Vec<_>> = texts.iter().map(whole).collect();
        let passages: Vec<_> =
            texts.iter().zip(&units).map(|(text, units)| Passage { text, units }).collect();
        let together = model.analyse(&passages, &|_| ());
        for (passage, together) in passages.iter().zip(together) {
            let alone = model.analyse_one(passage).unwrap();
            assert_eq!(alone, together.unwrap(), "{} bytes", passage.text.len());
        }
    }
}

//! The linear heads on top of the pooled vectors.

use std::path::{Path, PathBuf};

use safetensors::{Dtype, SafeTensors};

use crate::pooling::normalised;
use crate::{Error, Labels, UnitScores};

/// `y = W x + b`, `W` stored row by row.
struct Linear {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Linear {
    /// Applies the head to the concatenation of `parts`.
    fn apply(&self, parts: &[&[f32]]) -> Vec<f32> {
        let input = parts.concat();
        let rows = self.weight.chunks_exact(input.len()).zip(&self.bias);
        rows.map(|(row, bias)| bias + dot(row, &input)).collect()
    }
}

/// The dot product in sixteen running sums that are added up in their order:
/// one sum would wait for itself, and this order is as fixed as that.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let mut sums = [0.0; LANES];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

/// All heads of a model. A text's direction is centred by the mean direction
/// of its kind before a head sees it; a unit's heads see the unit and the
/// whole side by side.
pub(crate) struct Heads {
    whole_mean: Vec<f32>,
    unit_mean: Vec<f32>,
    theme_mean: Vec<f32>,
    theme_projection: Option<Linear>,
    polarity: Linear,
    score: Linear,
    intents: Linear,
    topics: Linear,
    unit_polarity: Linear,
    unit_topics: Linear,
}

/// The scores of a whole passage.
pub(crate) struct WholeScores {
    pub(crate) polarity: Vec<f32>,
    pub(crate) score: f32,
    pub(crate) intents: Vec<f32>,
    pub(crate) topics: Vec<f32>,
    pub(crate) vector: Vec<f32>,
}

impl Heads {
    pub(crate) fn open(file: &Path, dims: usize, labels: &Labels) -> Result<Self, Error> {
        let bytes = fs_err::read(file)?;
        let tensors = TensorFile::new(file, &bytes)?;
        let (polarities, intents, topics) =
            (labels.polarity.len(), labels.intents.len(), labels.topics.len());
        Ok(Self {
            whole_mean: tensors.vector("doc.mean", dims)?,
            unit_mean: tensors.vector("unit.mean", dims)?,
            theme_mean: tensors.vector("theme.mean", dims)?,
            theme_projection: tensors.projection("theme.projection", dims)?,
            polarity: tensors.linear("doc.polarity", polarities, dims)?,
            score: tensors.linear("doc.score", 1, dims)?,
            intents: tensors.linear("doc.intents", intents, dims)?,
            topics: tensors.linear("doc.topics", topics, dims)?,
            unit_polarity: tensors.linear("unit.polarity", polarities, 2 * dims)?,
            unit_topics: tensors.linear("unit.topics", topics, 2 * dims)?,
        })
    }

    /// The centred form of a whole passage's direction, which the heads see.
    pub(crate) fn centre_whole(&self, direction: &[f32]) -> Vec<f32> {
        difference(direction, &self.whole_mean)
    }

    pub(crate) fn score_whole(&self, direction: &[f32], centred: &[f32]) -> WholeScores {
        WholeScores {
            polarity: self.polarity.apply(&[centred]),
            score: self.score.apply(&[centred])[0].clamp(-1.0, 1.0),
            intents: self.intents.apply(&[centred]),
            topics: self.topics.apply(&[centred]),
            vector: self.theme_vector(direction),
        }
    }

    pub(crate) fn score_unit(&self, direction: &[f32], centred_whole: &[f32]) -> UnitScores {
        let centred = difference(direction, &self.unit_mean);
        let input: [&[f32]; 2] = [&centred, centred_whole];
        UnitScores {
            polarity: self.unit_polarity.apply(&input),
            topics: self.unit_topics.apply(&input),
            vector: self.theme_vector(direction),
        }
    }

    fn theme_vector(&self, direction: &[f32]) -> Vec<f32> {
        let centred = difference(direction, &self.theme_mean);
        match &self.theme_projection {
            Some(projection) => normalised(&projection.apply(&[&centred])),
            None => normalised(&centred),
        }
    }
}

fn difference(a: &[f32], b: &[f32]) -> Vec<f32> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// A safetensors file whose errors name the tensor.
struct TensorFile<'a> {
    file: PathBuf,
    tensors: SafeTensors<'a>,
}

impl<'a> TensorFile<'a> {
    fn new(file: &Path, bytes: &'a [u8]) -> Result<Self, Error> {
        let tensors = SafeTensors::deserialize(bytes).map_err(|error| Error::Heads {
            file: file.to_owned(),
            tensor: "(all)".to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Self { file: file.to_owned(), tensors })
    }

    fn wrong(&self, tensor: &str, reason: impl Into<String>) -> Error {
        Error::Heads { file: self.file.clone(), tensor: tensor.to_owned(), reason: reason.into() }
    }

    /// A 32-bit tensor of exactly this shape.
    fn read(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, Error> {
        let tensor = self.tensors.tensor(name).map_err(|_| self.wrong(name, "is missing"))?;
        if tensor.dtype() != Dtype::F32 || tensor.shape() != shape {
            let found =
                format!("is {:?} {:?}, expected F32 {shape:?}", tensor.dtype(), tensor.shape());
            return Err(self.wrong(name, found));
        }
        let values =
            tensor.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
        let values: Vec<f32> = values.collect();
        if values.iter().all(|value| value.is_finite()) {
            Ok(values)
        } else {
            Err(self.wrong(name, "holds values that are not finite"))
        }
    }

    fn vector(&self, name: &str, dims: usize) -> Result<Vec<f32>, Error> {
        self.read(name, &[dims])
    }

    fn linear(&self, name: &str, outputs: usize, inputs: usize) -> Result<Linear, Error> {
        Ok(Linear {
            weight: self.read(&format!("{name}.weight"), &[outputs, inputs])?,
            bias: self.read(&format!("{name}.bias"), &[outputs])?,
        })
    }

    /// An optional matrix without bias, of any number of rows.
    fn projection(&self, name: &str, inputs: usize) -> Result<Option<Linear>, Error> {
        let Ok(tensor) = self.tensors.tensor(name) else { return Ok(None) };
        let &[outputs, _] = tensor.shape() else { return Err(self.wrong(name, "is not a matrix")) };
        let weight = self.read(name, &[outputs, inputs])?;
        Ok(Some(Linear { weight, bias: vec![0.0; outputs] }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_sees_its_inputs_side_by_side() {
        let head = Linear { weight: vec![1.0, 2.0, 3.0, 0.0, 0.0, 1.0], bias: vec![0.5, -1.0] };
        assert_eq!(head.apply(&[&[1.0], &[10.0, 100.0]]), [321.5, 99.0]);
    }
}

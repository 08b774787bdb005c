//! Parquet tables, row by row.

use std::path::Path;

use echolot_core::Timestamp;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit};
use parquet::data_type::Decimal;
use parquet::errors::ParquetError;
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::record::Field;
use parquet::record::reader::RowIter;
use parquet::schema::types::SchemaDescriptor;
use serde_json::{Map, Value};

use super::columns::Layout;
use super::item;
use super::{Delivered, Deliveries, IngestError, Intake, Reader, deliveries};

const SECONDS_PER_DAY: i64 = 86_400;

pub(super) fn read(path: &Path, intake: Intake) -> Result<Deliveries, IngestError> {
    let failed = |source| Table::failed(&intake, 1, source);
    let file = fs_err::File::open(path).map_err(IngestError::Open)?;
    let reader = SerializedFileReader::new(file.into_file()).map_err(failed)?;
    let schema = reader.metadata().file_metadata().schema_descr();
    check_types(schema, &intake)?;
    let columns = schema.root_schema().get_fields();
    let names = columns.iter().map(|column| column.name().to_owned()).collect();
    let in_nanoseconds = columns
        .iter()
        .map(|column| match column.get_basic_info().logical_type_ref() {
            Some(LogicalType::Timestamp(kind)) => kind.unit == TimeUnit::NANOS,
            _ => false,
        })
        .collect();
    let layout = Layout::resolve(names, &intake.options).with_text(&intake.name)?;
    let rows = reader.into_iter();
    Ok(deliveries(Table { rows, number: 0, in_nanoseconds, layout, intake }))
}

struct Table {
    rows: RowIter<'static>,
    number: u64,
    /// Which columns hold times in nanoseconds: the reader of records gives
    /// them as plain numbers.
    in_nanoseconds: Vec<bool>,
    layout: Layout,
    intake: Intake,
}

impl Reader for Table {
    fn next_row(&mut self) -> Result<Option<Delivered>, IngestError> {
        self.number += 1;
        let Some(row) = self.rows.next() else { return Ok(None) };
        let row = row.map_err(|source| Self::failed(&self.intake, self.number, source))?;
        let fields = row.get_column_iter().map(|(_, field)| field);
        let values: Vec<Value> = fields
            .zip(&self.in_nanoseconds)
            .map(|(field, in_nanoseconds)| match field {
                Field::Long(time) if *in_nanoseconds => time_value(time.div_euclid(1_000_000_000)),
                field => value_of(field),
            })
            .collect();
        let checked = item::assemble(&self.layout, values, &self.intake.options);
        let raw = || {
            let object: Map<String, Value> = row
                .get_column_iter()
                .map(|(name, field)| (name.clone(), value_of(field)))
                .collect();
            Value::Object(object).to_string()
        };
        Ok(Some(self.intake.judge(self.number, checked, raw)))
    }
}

impl Table {
    fn failed(intake: &Intake, row: u64, source: ParquetError) -> IngestError {
        IngestError::Parquet { name: intake.name.clone(), row, source }
    }
}

/// Refuses the one kind of column that the reader of records cannot give.
fn check_types(schema: &SchemaDescriptor, intake: &Intake) -> Result<(), IngestError> {
    let unreadable =
        schema.columns().iter().find(|column| column.converted_type() == ConvertedType::INTERVAL);
    let Some(column) = unreadable else { return Ok(()) };
    Err(IngestError::ParquetColumn {
        name: intake.name.clone(),
        column: column.path().string(),
        kind: column.converted_type().to_string(),
    })
}

/// The value of a field: numbers, words and truth values as they are, dates
/// and times as ISO 8601, bytes as text if they are text.
fn value_of(field: &Field) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::Bool(truth) => Value::from(*truth),
        Field::Byte(number) => Value::from(*number),
        Field::Short(number) => Value::from(*number),
        Field::Int(number) => Value::from(*number),
        Field::Long(number) => Value::from(*number),
        Field::UByte(number) => Value::from(*number),
        Field::UShort(number) => Value::from(*number),
        Field::UInt(number) => Value::from(*number),
        Field::ULong(number) => Value::from(*number),
        Field::Float16(number) => shortest(&number.to_string()),
        Field::Float(number) => shortest(&number.to_string()),
        Field::Double(number) => Value::from(*number),
        Field::Decimal(number) => Value::from(decimal(number)),
        Field::Str(text) => Value::from(text.as_str()),
        Field::Bytes(bytes) => std::str::from_utf8(bytes.data()).map_or(Value::Null, Value::from),
        Field::Date(days) => date_value(i64::from(*days)),
        Field::TimeMillis(time) => clock_value(i64::from(*time) / 1_000),
        Field::TimeMicros(time) => clock_value(time / 1_000_000),
        Field::TimestampMillis(time) => time_value(time.div_euclid(1_000)),
        Field::TimestampMicros(time) => time_value(time.div_euclid(1_000_000)),
        Field::Group(row) => Value::Object(
            row.get_column_iter().map(|(name, field)| (name.clone(), value_of(field))).collect(),
        ),
        Field::ListInternal(list) => list.elements().iter().map(value_of).collect(),
        Field::MapInternal(map) => {
            let entries = map.entries().iter();
            let entries = entries.map(|(name, field)| (name_of(name), value_of(field)));
            Value::Object(entries.collect())
        }
    }
}

/// A narrow float as the number its shortest notation stands for: 4.1 stays
/// 4.1 and does not become 4.099999904632568.
fn shortest(notation: &str) -> Value {
    notation.parse::<f64>().map_or(Value::Null, Value::from)
}

fn name_of(field: &Field) -> String {
    match value_of(field) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn time_value(seconds: i64) -> Value {
    Timestamp::from_seconds(seconds).map_or(Value::Null, |time| Value::from(time.to_string()))
}

fn date_value(days: i64) -> Value {
    match time_value(days * SECONDS_PER_DAY) {
        Value::String(time) => Value::from(time.split_once('T').map_or("", |(date, _)| date)),
        other => other,
    }
}

fn clock_value(seconds: i64) -> Value {
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    Value::from(format!("{hours:02}:{minutes:02}:{:02}", seconds % 60))
}

/// A decimal number written out. Parquet keeps the unscaled number as a
/// big-endian two's complement of any length; those over 128 bits are not
/// numbers a customer gave, and are left out.
fn decimal(number: &Decimal) -> Option<String> {
    let bytes = number.data();
    let first = *bytes.first()?;
    if bytes.len() > 16 {
        return None;
    }
    let start = if first & 0x80 == 0 { 0 } else { -1 };
    let unscaled = bytes.iter().fold(start, |sum: i128, byte| (sum << 8) | i128::from(*byte));
    let scale = usize::try_from(number.scale()).ok()?;
    let digits = format!("{:0width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if unscaled < 0 { "-" } else { "" };
    let point = if scale > 0 { "." } else { "" };
    Some(format!("{sign}{whole}{point}{fraction}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_written_out() {
        let shown = |bytes: &[u8], scale| {
            let bytes = parquet::data_type::ByteArray::from(bytes.to_vec());
            decimal(&Decimal::from_bytes(bytes, 10, scale))
        };
        assert_eq!(shown(&[45], 1).as_deref(), Some("4.5"));
        assert_eq!(shown(&[5], 2).as_deref(), Some("0.05"));
        assert_eq!(shown(&[0xff, 0x9c], 2).as_deref(), Some("-1.00"));
        assert_eq!(shown(&[7], 0).as_deref(), Some("7"));
        assert_eq!(shown(&[], 0), None);
    }
}

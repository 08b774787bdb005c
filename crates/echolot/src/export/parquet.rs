//! Writes an export as Apache Parquet.

use std::io::Write;
use std::sync::Arc;

use anyhow::Context;
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;
use serde_json::Value;

use super::columns::{Column, Kind};

/// Rows of a row group. Memory is bounded by it.
const GROUP_ROWS: usize = 20_000;

/// Writes the rows that `for_each` hands over.
pub(super) fn write(
    columns: &[Column],
    out: impl Write + Send,
    for_each: impl FnOnce(&mut dyn FnMut(Vec<Value>) -> anyhow::Result<()>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by(concat!("echolot ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    let mut writer =
        SerializedFileWriter::new(out, Arc::new(schema(columns)?), Arc::new(properties))?;
    let mut group: Vec<Vec<Value>> = Vec::new();
    for_each(&mut |row| {
        group.push(row);
        if group.len() == GROUP_ROWS {
            write_group(&mut writer, columns, &group)?;
            group.clear();
        }
        Ok(())
    })?;
    if !group.is_empty() {
        write_group(&mut writer, columns, &group)?;
    }
    writer.close()?;
    Ok(())
}

fn schema(columns: &[Column]) -> anyhow::Result<Type> {
    let field = |column: &Column| {
        let (physical, logical) = match column.kind {
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Json => (Physical::BYTE_ARRAY, Some(LogicalType::Json)),
            Kind::Whole => (Physical::INT64, None),
            Kind::Number => (Physical::DOUBLE, None),
            Kind::Flag => (Physical::BOOLEAN, None),
        };
        let field = Type::primitive_type_builder(column.name, physical)
            .with_logical_type(logical)
            .with_repetition(Repetition::OPTIONAL)
            .build()?;
        anyhow::Ok(Arc::new(field))
    };
    let fields = columns.iter().map(field).collect::<anyhow::Result<_>>()?;
    Ok(Type::group_type_builder("export").with_fields(fields).build()?)
}

fn write_group<W: Write + Send>(
    writer: &mut SerializedFileWriter<W>,
    columns: &[Column],
    rows: &[Vec<Value>],
) -> anyhow::Result<()> {
    let mut group = writer.next_row_group()?;
    for (at, column) in columns.iter().enumerate() {
        let cells = rows.iter().map(|row| &row[at]);
        match column.kind {
            Kind::Text => write_column::<ByteArrayType, W>(&mut group, cells, |value| {
                value.as_str().map(ByteArray::from)
            }),
            // A view hands over the text of a document, which stays as it is.
            Kind::Json => {
                write_column::<ByteArrayType, W>(&mut group, cells, |value| match value {
                    Value::Null => None,
                    Value::String(document) => Some(ByteArray::from(document.as_str())),
                    value => Some(ByteArray::from(value.to_string().into_bytes())),
                })
            }
            Kind::Whole => write_column::<Int64Type, W>(&mut group, cells, Value::as_i64),
            Kind::Number => write_column::<DoubleType, W>(&mut group, cells, Value::as_f64),
            Kind::Flag => write_column::<BoolType, W>(&mut group, cells, Value::as_bool),
        }
        .with_context(|| format!("column `{}`", column.name))?;
    }
    group.close()?;
    Ok(())
}

/// Writes one optional column: values where there are any, and for each row
/// whether there is one.
fn write_column<'a, T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    cells: impl Iterator<Item = &'a Value>,
    read: impl Fn(&Value) -> Option<T::T>,
) -> anyhow::Result<()> {
    let read: Vec<Option<T::T>> = cells.map(read).collect();
    let is_there: Vec<i16> = read.iter().map(|value| i16::from(value.is_some())).collect();
    let values: Vec<T::T> = read.into_iter().flatten().collect();
    let mut column =
        group.next_column()?.context("the schema has fewer columns than the export")?;
    column.typed::<T>().write_batch(&values, Some(&is_there), None)?;
    column.close()?;
    Ok(())
}

//! Every Arrow type that is taken comes out as what it was.

use std::sync::Arc;

use arrow_array::builder::BinaryBuilder;
use arrow_array::{
    ArrayRef, BinaryViewArray, BooleanArray, Date32Array, Decimal128Array, FixedSizeBinaryArray, Float32Array, Float64Array, Int16Array, Int64Array,
    LargeStringArray, RecordBatch, StringArray, StringViewArray, TimestampMicrosecondArray, TimestampSecondArray, UInt64Array,
};
use serving::{Builder, Copy, Kind, Mark, Question, ServingError, Shape, Value};

/// A table of the rows 0, 1 and 2, numbered by `row`.
fn table(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let number: ArrayRef = Arc::new(Int64Array::from_iter_values(0..columns[0].1.len() as i64));
    RecordBatch::try_from_iter_with_nullable(std::iter::once(("row", number, true)).chain(columns.into_iter().map(|(name, array)| (name, array, true)))).unwrap()
}

fn copied(batch: &RecordBatch) -> Result<(tempfile::TempDir, Copy), ServingError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("raw.kinds.sqlite");
    let mut builder = Builder::begin(&path, Shape::of(&batch.schema(), &["row"], &[])?)?;
    builder.add(batch)?;
    builder.finish(&Mark::default())?;
    let copy = Copy::open(&path)?;
    Ok((folder, copy))
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[test]
fn values_come_out_as_they_went_in() {
    let mut bytes = BinaryBuilder::new();
    bytes.append_value([0xab; 16]);
    bytes.append_null();
    let words = || vec![Some("三江 \"'\0%"), None];
    let decimals = Decimal128Array::from(vec![Some(-5), None]).with_precision_and_scale(12, 2).unwrap();
    // The last microsecond before 1970, and the last day of a leap February.
    let moments = || TimestampMicrosecondArray::from(vec![Some(-1), None]);
    let hash = FixedSizeBinaryArray::try_from_sparse_iter_with_size(vec![Some([1_u8; 16]), None].into_iter(), 16).unwrap();
    let columns: Vec<(&str, ArrayRef, Value, &str)> = vec![
        ("text", Arc::new(StringArray::from(words())), text("三江 \"'\0%"), r#""三江 \"'\u0000%""#),
        ("large", Arc::new(LargeStringArray::from(words())), text("三江 \"'\0%"), r#""三江 \"'\u0000%""#),
        ("view", Arc::new(StringViewArray::from(words())), text("三江 \"'\0%"), r#""三江 \"'\u0000%""#),
        ("whole", Arc::new(Int64Array::from(vec![Some(i64::MIN), None])), Value::Integer(i64::MIN), "-9223372036854775808"),
        ("short", Arc::new(Int16Array::from(vec![Some(-7), None])), Value::Integer(-7), "-7"),
        ("unsigned", Arc::new(UInt64Array::from(vec![Some(7), None])), Value::Integer(7), "7"),
        ("float", Arc::new(Float64Array::from(vec![Some(3.0), None])), Value::Number(3.0), "3.0"),
        ("single", Arc::new(Float32Array::from(vec![Some(0.5), None])), Value::Number(0.5), "0.5"),
        ("none", Arc::new(Float64Array::from(vec![Some(f64::NAN), None])), Value::Null, "null"),
        ("endless", Arc::new(Float64Array::from(vec![Some(f64::INFINITY), None])), Value::Number(f64::INFINITY), "null"),
        ("decimal", Arc::new(decimals), Value::Decimal { units: -5, scale: 2 }, r#""-0.05""#),
        ("boolean", Arc::new(BooleanArray::from(vec![Some(true), None])), Value::Boolean(true), "true"),
        ("date", Arc::new(Date32Array::from(vec![Some(19_782), None])), text("2024-02-29"), r#""2024-02-29""#),
        ("early", Arc::new(Date32Array::from(vec![Some(-719_529), None])), text("-000001-12-31"), r#""-000001-12-31""#),
        ("moment", Arc::new(moments().with_timezone("UTC")), text("1969-12-31T23:59:59.999999Z"), r#""1969-12-31T23:59:59.999999Z""#),
        ("local", Arc::new(moments()), text("1969-12-31T23:59:59.999999"), r#""1969-12-31T23:59:59.999999""#),
        ("fixed", Arc::new(hash), text("01010101010101010101010101010101"), r#""01010101010101010101010101010101""#),
        ("bytes", Arc::new(bytes.finish()), text("abababababababababababababababab"), r#""abababababababababababababababab""#),
        ("bytes_view", Arc::new(BinaryViewArray::from(vec![Some([2_u8; 16].as_slice()), None])), text("02020202020202020202020202020202"), r#""02020202020202020202020202020202""#),
    ];
    let batch = table(columns.iter().map(|(name, array, ..)| (*name, array.clone())).collect());
    let (_folder, copy) = copied(&batch).unwrap();
    let page = copy.rows(&Question { order: vec![("row".to_owned(), false)], ..Question::default() }).unwrap();
    for (((name, _, value, json), first), second) in columns.iter().zip(&page.rows[0][1..]).zip(&page.rows[1][1..]) {
        assert_eq!((first, second), (value, &Value::Null), "{name}");
        assert_eq!(&serde_json::to_string(first).unwrap(), json, "{name}");
    }
    assert_eq!(copy.shape().columns[11].kind, Kind::Decimal { scale: 2 });
}

#[test]
fn what_does_not_fit_is_refused() {
    let refused = |array: ArrayRef| copied(&table(vec![("odd", array)])).err().map(|error| error.to_string()).unwrap_or_default();
    let large = Decimal128Array::from(vec![i128::from(i64::MAX) + 1]).with_precision_and_scale(38, 2).unwrap();
    assert_eq!(refused(Arc::new(large)), "column odd: 9223372036854775808 is not a decimal of 64 bits");
    assert!(refused(Arc::new(UInt64Array::from(vec![u64::MAX]))).starts_with("column odd: "));
    assert_eq!(refused(Arc::new(BinaryViewArray::from(vec![b"short".as_slice()]))), "column odd: a value of 5 bytes is not a hash of 16 bytes");
    assert!(refused(Arc::new(TimestampSecondArray::from(vec![1]))).contains("cannot be served"));
    // A shape that contradicts itself.
    let schema = table(vec![("x", Arc::new(Int64Array::from(vec![1])))]).schema();
    assert!(matches!(Shape::of(&schema, &["y"], &[]), Err(ServingError::Column(name)) if name == "y"));
    assert!(matches!(Shape::of(&schema, &["x", "x"], &[]), Err(ServingError::Shape(_))));
}

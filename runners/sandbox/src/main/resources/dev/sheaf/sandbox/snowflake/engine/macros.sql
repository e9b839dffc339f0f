-- Snowflake's functions as DuckDB macros, in the in-memory schema memory.main that every session's
-- search path ends with. A macro has no argument types: where the result depends on the type, it
-- asks typeof(x), which DuckDB folds to a constant, and reads x back from its text, which binds
-- for every type. Branches not taken are never run.

-- Stored TIMESTAMP_LTZ and TIMESTAMP_TZ.
create macro sf_ltz_of(x) as cast(x as struct(utc timestamp, nanos smallint));
create macro sf_tz_of(x) as cast(x as struct(utc timestamp, nanos smallint, "minutes" smallint));

-- A TIMESTAMP_NS in microseconds, rounded down; DuckDB's own cast rounds towards 1970.
create macro sf_floor_micros(e) as make_timestamp((e - ((e % 1000) + 1000) % 1000) // 1000);

-- The clock that a value shows, in microseconds.
create macro sf_wall(x) as case typeof(x)
  when 'TIMESTAMP' then cast(x as timestamp)
  when 'TIMESTAMP_NS' then sf_floor_micros(epoch_ns(cast(x as timestamp_ns)))
  when 'STRUCT(utc TIMESTAMP, nanos SMALLINT, "minutes" SMALLINT)'
    then sf_tz_of(x).utc + to_minutes(sf_tz_of(x)."minutes")
  when 'STRUCT(utc TIMESTAMP, nanos SMALLINT)'
    then cast(timezone('UTC', sf_ltz_of(x).utc) as timestamp)
  when 'TIMESTAMP WITH TIME ZONE' then cast(cast(x as timestamptz) as timestamp)
  when 'TIME_NS' then cast('1970-01-01 ' || left(x::varchar, 15) as timestamp)
  when 'TIME' then cast('1970-01-01 ' || x::varchar as timestamp)
  when 'DATE' then cast(x as timestamp)
  else cast(x::varchar as timestamp) end;

-- The instant in UTC, in microseconds; a TIMESTAMP_NTZ counts as UTC.
create macro sf_utc(x) as case typeof(x)
  when 'STRUCT(utc TIMESTAMP, nanos SMALLINT, "minutes" SMALLINT)' then sf_tz_of(x).utc
  when 'STRUCT(utc TIMESTAMP, nanos SMALLINT)' then sf_ltz_of(x).utc
  when 'TIMESTAMP WITH TIME ZONE' then timezone('UTC', cast(x as timestamptz))
  else sf_wall(x) end;

-- Nanoseconds within the second.
create macro sf_second_nanos(ts, below) as
  (date_part('microseconds', ts) % 1000000) * 1000 + below;
create macro sf_nanosecond(x) as case typeof(x)
  when 'TIMESTAMP' then sf_second_nanos(cast(x as timestamp), 0)
  when 'TIMESTAMP_NS' then
    ((epoch_ns(cast(x as timestamp_ns)) % 1000000000) + 1000000000) % 1000000000
  when 'STRUCT(utc TIMESTAMP, nanos SMALLINT, "minutes" SMALLINT)'
    then sf_second_nanos(sf_tz_of(x).utc, sf_tz_of(x).nanos)
  when 'STRUCT(utc TIMESTAMP, nanos SMALLINT)'
    then sf_second_nanos(sf_ltz_of(x).utc, sf_ltz_of(x).nanos)
  when 'TIMESTAMP WITH TIME ZONE'
    then sf_second_nanos(timezone('UTC', cast(x as timestamptz)), 0)
  else case when x is null then null
    else cast(rpad(regexp_extract(x::varchar, '\.(\d+)', 1), 9, '0') as bigint) end end;

-- Minutes east of UTC.
create macro sf_offset(x) as case typeof(x)
  when 'STRUCT(utc TIMESTAMP, nanos SMALLINT, "minutes" SMALLINT)'
    then cast(sf_tz_of(x)."minutes" as bigint)
  when 'STRUCT(utc TIMESTAMP, nanos SMALLINT)'
    then cast(date_part('timezone', timezone('UTC', sf_ltz_of(x).utc)) // 60 as bigint)
  when 'TIMESTAMP WITH TIME ZONE'
    then cast(date_part('timezone', cast(x as timestamptz)) // 60 as bigint)
  else case when x is null then null else 0 end end;

create macro sf_strf(x, f) as case typeof(x)
  when 'TIMESTAMP_NS' then strftime(cast(x as timestamp_ns), f)
  when 'TIMESTAMP' then strftime(cast(x as timestamp), f)
  when 'DATE' then strftime(cast(x as date), f)
  else strftime(sf_wall(x), f) end;
create macro sf_fraction(x, digits) as left(lpad(sf_nanosecond(x)::varchar, 9, '0'), digits);
create macro sf_tzh(x) as
  (case when sf_offset(x) < 0 then '-' else '+' end) || lpad((abs(sf_offset(x)) // 60)::varchar, 2, '0');
create macro sf_tzm(x) as lpad((abs(sf_offset(x)) % 60)::varchar, 2, '0');

create macro sf_epoch_nanosecond(x) as
  cast(cast(epoch_us(sf_utc(x)) as hugeint) * 1000 + sf_nanosecond(x) % 1000 as decimal(38, 0));
create macro sf_epoch_microsecond(x) as cast(epoch_us(sf_utc(x)) as decimal(38, 0));
create macro sf_epoch_millisecond(x) as cast(epoch_ms(sf_utc(x)) as decimal(38, 0));
create macro sf_epoch_second(x) as
  cast(floor(epoch_ms(sf_utc(x)) / 1000.0) as decimal(38, 0));

-- Text.
create macro sf_double_text(d) as case
  when isnan(d) then 'NaN'
  when isinf(d) then case when d > 0 then 'inf' else '-inf' end
  when d = trunc(d) and abs(d) < 1e15
    then (case when d = 0 and signbit(d) then '-0' else d::bigint::varchar end)
  else d::varchar end;
create macro sf_text(x) as case typeof(x)
  when 'VARCHAR' then cast(x as varchar)
  when 'DOUBLE' then sf_double_text(cast(x as double))
  when 'FLOAT' then sf_double_text(cast(x as float)::double)
  when 'BLOB' then hex(cast(x as blob))
  when 'JSON' then cast(x as json) ->> '$'
  when 'TIME_NS' then left(x::varchar, 8)
  when 'TIME' then left(x::varchar, 8)
  when 'TIMESTAMP' then sf_strf(x, '%Y-%m-%d %H:%M:%S.%g')
  when 'TIMESTAMP_NS' then sf_strf(x, '%Y-%m-%d %H:%M:%S.%g')
  when 'TIMESTAMP WITH TIME ZONE'
    then sf_strf(x, '%Y-%m-%d %H:%M:%S.%g ') || sf_tzh(x) || sf_tzm(x)
  when 'STRUCT(utc TIMESTAMP, nanos SMALLINT)'
    then sf_strf(x, '%Y-%m-%d %H:%M:%S.%g ') || sf_tzh(x) || sf_tzm(x)
  when 'STRUCT(utc TIMESTAMP, nanos SMALLINT, "minutes" SMALLINT)'
    then sf_strf(x, '%Y-%m-%d %H:%M:%S.%g ') || sf_tzh(x) || sf_tzm(x)
  else x::varchar end;

-- Text to values, with Snowflake's errors.
-- A failed cast, not error(), which is volatile and so may not stand inside TRY.
create macro sf_error(text) as cast(cast(text as integer) as varchar);
create macro sf_fail(code, what, t, rest) as
  sf_error('[' || code || '] ' || what || ' ''' || t || ''' ' || rest);
create macro sf_boolean(x) as case
  when typeof(x) = 'BOOLEAN' then cast(x as boolean)
  when typeof(x) <> 'VARCHAR' then try_cast(x::varchar as double) <> 0 or x::varchar = 'true'
  when x is null then null
  when try_cast(x as boolean) is not null then try_cast(x as boolean)
  when lower(trim(x::varchar)) in ('true', 't', 'yes', 'y', 'on', '1') then true
  when lower(trim(x::varchar)) in ('false', 'f', 'no', 'n', 'off', '0') then false
  else sf_fail('100037/22018', 'Boolean value', x::varchar, 'is not recognized')::boolean end;
create macro sf_number_of(t, v) as case when t is null or v is not null then v
  else sf_fail('100038/22018', 'Numeric value', t, 'is not recognized') end;
create macro sf_double_of(t) as case when t is null then null
  else coalesce(try_cast(t as double),
    sf_fail('100038/22018', 'Numeric value', t, 'is not recognized')::double) end;
create macro sf_date_of(t) as case when t is null then null
  else coalesce(try_cast(t as date), try_cast(t as timestamp)::date,
    sf_fail('100040/22007', 'Date', t, 'is not recognized')::date) end;
create macro sf_date(x) as case typeof(x)
  when 'DATE' then cast(x as date)
  when 'VARCHAR' then sf_date_of(x::varchar)
  else sf_wall(x)::date end;
create macro sf_time_of(t) as case when t is null then null
  else coalesce(try_cast(t as time_ns),
    sf_fail('100108/22007', 'Time', t, 'is not recognized')::time_ns) end;
create macro sf_time(x) as case typeof(x)
  when 'TIME_NS' then cast(x as time_ns)
  when 'TIME' then cast(x as time_ns)
  when 'VARCHAR' then sf_time_of(x::varchar)
  else cast(sf_strf(x, '%H:%M:%S.') || sf_fraction(x, 9) as time_ns) end;
create macro sf_base(t) as regexp_replace(trim(t), '(:\d\d(\.\d+)?)\s*(Z|[+-]\d\d:?\d\d)$', '\1');
create macro sf_zone(t) as regexp_extract(trim(t), ':\d\d(?:\.\d+)?\s*(Z|[+-]\d\d:?\d\d)$', 1);
create macro sf_zone_minutes(z) as case when z = 'Z' then 0 else
  (case when z[1] = '-' then -1 else 1 end)
    * (cast(z[2:3] as integer) * 60 + cast(right(z, 2) as integer)) end;
create macro sf_micros_of(t) as
  try_cast(regexp_replace(t, '(\.\d{6})\d+', '\1') as timestamp);
create macro sf_below_micro(t) as
  cast(rpad(regexp_extract(t, '\.(\d+)', 1), 9, '0')[7:9] as smallint);
-- Whether a timestamp's text names no zone.
create macro sf_zoneless(t) as
  strpos(t[12:], '+') = 0 and strpos(t[12:], '-') = 0 and right(t, 1) <> 'Z';
create macro sf_ntz_slow(t) as case when t is null then null
  else coalesce(try_cast(sf_base(t) as timestamp_ns),
    case when sf_micros_of(sf_base(t)) is null
      then sf_fail('100035/22007', 'Timestamp', t, 'is not recognized')::timestamp_ns
      else sf_fail('100035/22007', 'Timestamp', t,
        'is outside the years 1677 to 2262 that a TIMESTAMP_NTZ(9) holds here; a TIMESTAMP_NTZ(6) holds it')::timestamp_ns
      end) end;
create macro sf_ntz_of(t) as case when t is null then null
  when sf_zoneless(t) then coalesce(try_cast(t as timestamp_ns), sf_ntz_slow(t))
  else sf_ntz_slow(t) end;
create macro sf_ntz_micros_slow(t) as case when t is null then null
  else coalesce(sf_micros_of(sf_base(t)),
    sf_fail('100035/22007', 'Timestamp', t, 'is not recognized')::timestamp) end;
create macro sf_ntz_micros_of(t) as case when t is null then null
  when sf_zoneless(t) then coalesce(try_cast(t as timestamp), sf_ntz_micros_slow(t))
  else sf_ntz_micros_slow(t) end;
create macro sf_ntz(x) as case typeof(x)
  when 'TIMESTAMP' then coalesce(try_cast(cast(x as timestamp) as timestamp_ns), sf_ntz_of(x::varchar))
  when 'DATE' then coalesce(try_cast(cast(x as date) as timestamp_ns), sf_ntz_of(x::varchar))
  when 'TIMESTAMP_NS' then cast(x as timestamp_ns)
  when 'VARCHAR' then sf_ntz_of(x::varchar)
  else sf_ntz_of(sf_strf(x, '%Y-%m-%d %H:%M:%S.') || sf_fraction(x, 9)) end;
create macro sf_ntz_micros(x) as case typeof(x)
  when 'VARCHAR' then sf_ntz_micros_of(x::varchar)
  else sf_wall(x) end;
create macro sf_ltz_parts(utc, below) as case when utc is null then null
  else struct_pack(utc := utc, nanos := cast(below as smallint)) end;
create macro sf_tz_parts(utc, below, off) as case when utc is null then null
  else struct_pack(utc := utc, nanos := cast(below as smallint), "minutes" := cast(off as smallint)) end;
create macro sf_utc_of(t) as case when sf_zone(t) <> ''
  then sf_ntz_micros_of(t) - to_minutes(sf_zone_minutes(sf_zone(t)))
  else timezone('UTC', sf_ntz_micros_of(t)::timestamptz) end;
create macro sf_ltz(x) as case typeof(x)
  when 'STRUCT(utc TIMESTAMP, nanos SMALLINT)' then sf_ltz_of(x)
  when 'STRUCT(utc TIMESTAMP, nanos SMALLINT, "minutes" SMALLINT)'
    then sf_ltz_parts(sf_utc(x), sf_nanosecond(x) % 1000)
  when 'TIMESTAMP WITH TIME ZONE' then sf_ltz_parts(sf_utc(x), 0)
  when 'VARCHAR' then sf_ltz_parts(sf_utc_of(x::varchar), sf_below_micro(sf_base(x::varchar)))
  else sf_ltz_parts(timezone('UTC', sf_wall(x)::timestamptz), sf_nanosecond(x) % 1000) end;
create macro sf_tz_of_text(t) as sf_tz_parts(sf_utc_of(t), sf_below_micro(sf_base(t)),
  case when sf_zone(t) <> '' then sf_zone_minutes(sf_zone(t))
    else date_part('timezone', sf_ntz_micros_of(t)::timestamptz) // 60 end);
create macro sf_tz(x) as case typeof(x)
  when 'STRUCT(utc TIMESTAMP, nanos SMALLINT, "minutes" SMALLINT)' then sf_tz_of(x)
  when 'STRUCT(utc TIMESTAMP, nanos SMALLINT)'
    then sf_tz_parts(sf_utc(x), sf_nanosecond(x) % 1000, sf_offset(x))
  when 'TIMESTAMP WITH TIME ZONE' then sf_tz_parts(sf_utc(x), 0, sf_offset(x))
  when 'VARCHAR' then sf_tz_of_text(x::varchar)
  else sf_tz_parts(timezone('UTC', sf_wall(x)::timestamptz), sf_nanosecond(x) % 1000,
    date_part('timezone', sf_wall(x)::timestamptz) // 60) end;
create macro sf_long_text(t, n) as case when length(t) > n
  then sf_error('[100078/22000] String ''' || left(t, 100) || ''' is too long and would be truncated')::varchar
  else t end;
create macro sf_long_binary(b, n) as case when octet_length(b) > n
  then sf_error('[100145/22000] Binary value of ' || octet_length(b) || ' bytes is too long and would be truncated')::blob
  else b end;
create macro sf_binary_of(t) as case when t is null then null
  when regexp_full_match(t, '(?:[0-9A-Fa-f]{2})*') then unhex(t)
  else sf_fail('100115/22000', 'The following string is not a legal hex-encoded value:', left(t, 100), '')::blob end;
create macro sf_to_binary(x) as (case typeof(x) when 'BLOB' then cast(x as blob)
    else sf_binary_of(x::varchar) end),
  (x, f) as (case upper(f) when 'HEX' then sf_binary_of(x::varchar)
    when 'BASE64' then from_base64(x::varchar) else encode(x::varchar) end);
create macro sf_hex_of(x) as
  case typeof(x) when 'BLOB' then hex(cast(x as blob)) else hex(encode(x::varchar)) end;
create macro sf_hex_encode(x) as (sf_hex_of(x)),
  (x, c) as (case when c = 0 then lower(sf_hex_of(x)) else sf_hex_of(x) end);
create macro hex_decode_binary(x) as sf_binary_of(x::varchar);
create macro hex_decode_string(x) as decode(sf_binary_of(x::varchar));
create macro sf_base64_encode(x) as
  case typeof(x) when 'BLOB' then base64(cast(x as blob)) else base64(encode(x::varchar)) end;
create macro base64_decode_binary(x) as from_base64(x::varchar);
create macro base64_decode_string(x) as decode(from_base64(x::varchar));

-- Semi-structured values.
create macro sf_json_of(t) as case when t is null or trim(t) = '' then null
  when json_valid(t) then json(t)
  else sf_error('[100069/22P02] Error parsing JSON: ' || left(t, 100))::json end;
create macro parse_json(x) as sf_json_of(x::varchar);
create macro try_parse_json(x) as case when json_valid(x::varchar) then json(x::varchar) end;
create macro sf_variant(x) as case typeof(x) when 'JSON' then cast(x as json) else to_json(x) end;
create macro to_variant(x) as sf_variant(x);
create macro to_object(x) as sf_variant(x);
create macro to_array(x) as sf_variant(x);
create macro sf_to_json(x) as case typeof(x) when 'JSON' then json(x::varchar)::varchar
  else to_json(x)::varchar end;

-- Functions that DuckDB lacks or names differently.
create macro iff(c, a, b) as case when c then a else b end;
create macro nvl(a, b) as coalesce(a, b);
create macro nvl2(a, b, c) as case when a is not null then b else c end;
create macro zeroifnull(x) as coalesce(x, 0);
create macro nullifzero(x) as nullif(x, 0);
create macro div0(a, b) as case when b = 0 then 0 else a / b end;
create macro div0null(a, b) as case when b = 0 or b is null then 0 else a / b end;
create macro equal_null(a, b) as a is not distinct from b;
create macro charindex(needle, hay) as strpos(hay, needle);
create macro to_double(x) as case typeof(x) when 'VARCHAR' then sf_double_of(x::varchar)
  else cast(x as double) end;
create macro try_to_double(x) as try_cast(x as double);
create macro to_boolean(x) as sf_boolean(x);
create macro to_number(x) as
  coalesce(cast(try_cast(x as decimal(18, 0)) as decimal(38, 0)), cast(x as decimal(38, 0)));
create macro to_decimal(x) as cast(x as decimal(38, 0));
create macro to_numeric(x) as cast(x as decimal(38, 0));
create macro try_to_number(x) as try_cast(x as decimal(38, 0));
create macro try_to_date(x) as try_cast(x as date);
create macro try_to_timestamp(x) as try_cast(x as timestamp_ns);
create macro try_to_boolean(x) as try_cast(x as boolean);
create macro startswith(a, b) as starts_with(a, b);
create macro endswith(a, b) as ends_with(a, b);
create macro square(x) as x * x;
create macro uuid_string() as uuid()::varchar;
create macro current_warehouse() as 'LOCAL';
create macro current_version() as '9.0.0';
create macro current_account() as 'LOCAL';
create macro current_region() as 'LOCAL';
create macro current_secondary_roles() as '';
create macro current_client() as 'JDBC';
create macro add_months(d, n) as d + to_months(cast(n as integer));
create macro boolor_agg(x) as bool_or(x);
create macro booland_agg(x) as bool_and(x);
create macro array_size(x) as json_array_length(x);
create macro approx_percentile(x, p) as approx_quantile(x, p);
create macro seq4() as row_number() over () - 1;

-- What the catalogue holds. The comment of a column starts with its declared type in brackets.
create macro sf_declared(comment) as regexp_extract(comment, '^\[([^\]]+)\]', 1);
create macro sf_remark(comment) as nullif(regexp_replace(comment, '^\[[^\]]+\] ?', ''), '');
create macro information_databases(db) as table
  select database_name as database_name, 'SYSADMIN' as database_owner
  from duckdb_databases() where not internal and database_name <> 'memory';
create macro information_schemata(db) as table
  select database_name as catalog_name, schema_name as schema_name, 'SYSADMIN' as schema_owner
  from duckdb_schemas() where database_name = db
    and schema_name not in ('information_schema', 'pg_catalog', 'main', 'SF$INTERNAL');
create macro information_tables(db) as table
  select database_name as table_catalog, schema_name as table_schema, table_name as table_name,
    'SYSADMIN' as table_owner,
    case when temporary then 'LOCAL TEMPORARY' else 'BASE TABLE' end as table_type,
    cast(estimated_size as decimal(38, 0)) as row_count, comment as comment
  from duckdb_tables()
  where (database_name = db or temporary) and schema_name <> 'SF$INTERNAL'
  union all by name
  select database_name as table_catalog, schema_name as table_schema, view_name as table_name,
    'SYSADMIN' as table_owner, 'VIEW' as table_type, cast(null as decimal(38, 0)) as row_count,
    comment as comment
  from duckdb_views() where database_name = db and not internal;
create macro information_views(db) as table
  select database_name as table_catalog, schema_name as table_schema, view_name as table_name,
    sql as view_definition
  from duckdb_views() where database_name = db and not internal;
create macro sf_columns(db) as table
  select c.database_name, c.schema_name, c.table_name, c.column_name, c.column_index,
    c.is_nullable, c.column_default, c.data_type, sf_declared(c.comment) as declared,
    sf_remark(c.comment) as remark
  from duckdb_columns() c
  where c.database_name = db and not c.internal and c.schema_name <> 'SF$INTERNAL';
create macro information_columns(db) as table
  select database_name as table_catalog, schema_name as table_schema, table_name as table_name,
    column_name as column_name, cast(column_index as decimal(9, 0)) as ordinal_position,
    column_default as column_default, case when is_nullable then 'YES' else 'NO' end as is_nullable,
    case
      when declared <> '' then case when declared like 'VARCHAR%' then 'TEXT'
        else regexp_extract(declared, '^[A-Z_]+') end
      when data_type like 'DECIMAL%' or data_type like '%INT%' and data_type not like 'STRUCT%'
        then 'NUMBER'
      when data_type in ('DOUBLE', 'FLOAT') then 'FLOAT'
      when data_type in ('TIME_NS', 'TIME') then 'TIME'
      when data_type in ('TIMESTAMP', 'TIMESTAMP_NS') then 'TIMESTAMP_NTZ'
      when data_type = 'STRUCT(utc TIMESTAMP, nanos SMALLINT)' then 'TIMESTAMP_LTZ'
      when data_type like 'STRUCT(utc TIMESTAMP, nanos SMALLINT,%' then 'TIMESTAMP_TZ'
      when data_type = 'TIMESTAMP WITH TIME ZONE' then 'TIMESTAMP_LTZ'
      when data_type = 'JSON' then 'VARIANT'
      when data_type = 'BLOB' then 'BINARY'
      when data_type = 'VARCHAR' then 'TEXT'
      else data_type end as data_type,
    case when declared like 'VARCHAR%' then cast(regexp_extract(declared, '\d+') as integer)
      when data_type = 'VARCHAR' then 16777216 end as character_maximum_length,
    case when data_type like 'DECIMAL%' then cast(regexp_extract(data_type, '\d+') as integer)
      when data_type like '%INT%' and data_type not like 'STRUCT%' then 38
      end as numeric_precision,
    case when data_type like 'DECIMAL%' then cast(regexp_extract(data_type, ',(\d+)', 1) as integer)
      when data_type like '%INT%' and data_type not like 'STRUCT%' then 0 end as numeric_scale,
    remark as comment
  from sf_columns(db);
create macro sf_left(x, n) as left(sf_text(x), n);

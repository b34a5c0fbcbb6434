-- Names of SQL; -- and its ends */ {{ config() }}: policy keywords, version 0.1.0
-- fingerprint 7fa324b176c8
-- One row for each lead.
WITH
-- The instant as of which is scored; change it here.
"parameters" AS (
  SELECT CAST('2026-03-01 23:00:00.000000+00:00' AS TIMESTAMPTZ) AS "as_of"
),
-- The tables; change their names here.
"source_leads" AS (
  SELECT * FROM crm.leads
),
"source_events" AS (
  SELECT * FROM crm.events
),
-- The as-of instant in microseconds since 1970, as all instants below.
"clock" AS MATERIALIZED (
  SELECT CASE WHEN ISFINITE("as_of") THEN CAST(FLOOR(EXTRACT(EPOCH FROM "as_of") * 1000000) AS BIGINT) END AS "as_of"
  FROM "parameters"
),
-- The leads' columns, each as the type that the policy declares.
"leads_read" AS MATERIALIZED (
  SELECT
    NULLIF(BTRIM(CAST("key" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "lead_key",
    NULLIF(BTRIM(CAST("order" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "order",
    CASE
      WHEN CAST("Order Date" AS DATE) > CAST('9999-12-31' AS DATE) THEN 253402387199999999
      WHEN CAST("Order Date" AS DATE) < CAST('0001-01-01' AS DATE) THEN (-62135683200000000)
      ELSE CAST(FLOOR(EXTRACT(EPOCH FROM (CAST(CAST("Order Date" AS DATE) AS TIMESTAMP) AT TIME ZONE 'Europe/Berlin')) *
          1000000) AS BIGINT)
    END AS "Order_Date",
    CASE WHEN ISFINITE("order_date") THEN CAST(FLOOR(EXTRACT(EPOCH FROM "order_date") * 1000000) AS BIGINT) END AS
        "order_date_2",
    CASE
      WHEN ABS(CAST("group" AS DOUBLE PRECISION)) <= CAST(1.7976931348623157e308 AS DOUBLE PRECISION)
          THEN CAST("group" AS DOUBLE PRECISION)
    END AS "group",
    CAST("select" AS BOOLEAN) AS "select",
    NULLIF(BTRIM(CAST("where;--" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "Where",
    CASE
      WHEN NOT "tags" IS NULL THEN ARRAY(SELECT BTRIM("each_item", ' ' || CHR(9) || CHR(13) || CHR(10)) FROM
          UNNEST("tags") AS items("each_item") WHERE BTRIM("each_item", ' ' || CHR(9) || CHR(13) || CHR(10)) <> '')
    END AS "tags",
    NULLIF(BTRIM(CAST("size" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "size_as_written"
  FROM "source_leads"
),
-- Why a row of leads is not scored.
"leads_judged" AS MATERIALIZED (
  SELECT
    *,
    CASE
      WHEN LOWER(TRANSLATE("size_as_written", 'İΣ', 'iσ') COLLATE "und-x-icu") = 's' THEN 'S'
      WHEN LOWER(TRANSLATE("size_as_written", 'İΣ', 'iσ') COLLATE "und-x-icu") = 'it''s' THEN 'it''s'
      WHEN LOWER(TRANSLATE("size_as_written", 'İΣ', 'iσ') COLLATE "und-x-icu") = '50% {{off}}'
          THEN '50% {{off}}'
    END AS "size",
    CASE
      WHEN "lead_key" IS NULL THEN 'the row has no key'
      WHEN COUNT(*) OVER (PARTITION BY "lead_key") > 1 THEN 'the key stands in several rows'
      WHEN "Order_Date" < (-62135596800000000) OR "Order_Date" > 253402300799999999 THEN
          '`Order_Date` is outside the years 0001 to 9999'
      WHEN "order_date_2" < (-62135596800000000) OR "order_date_2" > 253402300799999999 THEN
          '`order_date` is outside the years 0001 to 9999'
      WHEN NOT (LOWER(TRANSLATE("size_as_written", 'İΣ', 'iσ') COLLATE "und-x-icu") IN ('s', 'it''s', '50% {{off}}'))
          THEN '`size` is none of the values that are declared'
    END AS "refused_because"
  FROM "leads_read"
  CROSS JOIN "clock"
),
-- The leads that are scored.
"leads_clean" AS MATERIALIZED (
  SELECT
    "lead_key",
    "order",
    "Order_Date",
    "order_date_2",
    "group",
    "select",
    "Where",
    "tags",
    "size",
    "as_of"
  FROM "leads_judged"
  WHERE "refused_because" IS NULL
),
-- The events' columns, each as the type that the policy declares.
"events_read" AS MATERIALIZED (
  SELECT
    NULLIF(BTRIM(CAST("key" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "lead_key",
    CASE NULLIF(BTRIM(CAST("event" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '')
      WHEN 'insert' THEN 'insert'
      WHEN 'update' THEN 'update'
      WHEN 'delete' THEN 'delete'
      WHEN 'DELETE; --' THEN 'delete'
    END AS "event",
    NULLIF(BTRIM(CAST("event" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "event_as_written",
    CASE WHEN ISFINITE("at") THEN CAST(FLOOR(EXTRACT(EPOCH FROM "at") * 1000000) AS BIGINT) END AS "at",
    CASE
      WHEN NULLIF(BTRIM(CAST("event" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '') IN ('DELETE; --', 'delete')
          THEN NULLIF(BTRIM(CAST("values" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '')
    END AS "values",
    CASE
      WHEN NULLIF(BTRIM(CAST("event" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '') IN ('DELETE; --', 'delete')
          THEN CASE
        WHEN ABS(CAST("limit" AS DOUBLE PRECISION)) <= CAST(1.7976931348623157e308 AS DOUBLE PRECISION)
            THEN CAST("limit" AS DOUBLE PRECISION)
      END
    END AS "limit"
  FROM "source_events"
),
-- Why an event does not count.
"events_judged" AS MATERIALIZED (
  SELECT
    *,
    CASE
      WHEN "event_as_written" IS NULL THEN 'the event has no name'
      WHEN "event" IS NULL THEN 'the policy declares no event of this name'
      WHEN "lead_key" IS NULL THEN 'the event has no lead'
      WHEN "at" IS NULL THEN 'the event has no time'
      WHEN "at" < (-62135596800000000) OR "at" > 253402300799999999 THEN '`at` is outside the years 0001 to 9999'
      WHEN "at" > "as_of" THEN 'the event is later than the as-of instant'
    END AS "refused_because"
  FROM "events_read"
  CROSS JOIN "clock"
),
-- The events that count.
"events_clean" AS MATERIALIZED (
  SELECT
    "lead_key",
    "event",
    "at",
    "values",
    "limit",
    "as_of"
  FROM "events_judged"
  WHERE "refused_because" IS NULL
),
-- The events that are recent enough to matter.
"events_in_scope" AS MATERIALIZED (
  SELECT
    "lead_key",
    "event",
    "at",
    "values",
    "limit",
    "as_of"
  FROM "events_clean"
  WHERE "at" <= "as_of" AND "event" IN ('insert', 'delete') AND ("at" > ("as_of" - 9331200000000)
      OR "event" = 'delete')
),
"distinct_events_1" AS MATERIALIZED (
  SELECT
    "events_in_scope".*,
    CASE
      WHEN (CAST((CAST(TO_TIMESTAMP(CAST(CASE
        WHEN "at" >= 0 THEN ("at" / 1000000)
        ELSE (-((CAST((-"at") AS BIGINT) + 999999) / 1000000))
      END AS DOUBLE PRECISION)) AT TIME ZONE 'Europe/Berlin' AS DATE) - CAST('1970-01-01' AS DATE)) AS BIGINT) + 3) >= 0
          THEN ((CAST((CAST(TO_TIMESTAMP(CAST(CASE
        WHEN "at" >= 0 THEN ("at" / 1000000)
        ELSE (-((CAST((-"at") AS BIGINT) + 999999) / 1000000))
      END AS DOUBLE PRECISION)) AT TIME ZONE 'Europe/Berlin' AS DATE) - CAST('1970-01-01' AS DATE)) AS BIGINT) + 3) / 7)
      ELSE (-((CAST((-(CAST((CAST(TO_TIMESTAMP(CAST(CASE
        WHEN "at" >= 0 THEN ("at" / 1000000)
        ELSE (-((CAST((-"at") AS BIGINT) + 999999) / 1000000))
      END AS DOUBLE PRECISION)) AT TIME ZONE 'Europe/Berlin' AS DATE) - CAST('1970-01-01' AS DATE)) AS BIGINT) + 3)) AS
          BIGINT) + 6) / 7))
    END AS "week"
  FROM "events_in_scope"
),
"distinct_earnings" AS MATERIALIZED (
  SELECT
    "lead_key" AS "of_lead",
    "at",
    90000 AS "ticks",
    "week" AS "by_week",
    "as_of"
  FROM "distinct_events_1"
  WHERE "event" = 'delete' AND "at" > ("as_of" - 2592000000000) AND STRPOS(LOWER(TRANSLATE("values", 'İΣ', 'iσ') COLLATE
      "und-x-icu"), '--') > 0
),
"distinct_numbered" AS MATERIALIZED (
  SELECT
    "of_lead",
    "at",
    "ticks",
    "by_week",
    "as_of",
    ROW_NUMBER() OVER (PARTITION BY "of_lead", "by_week" ORDER BY "at" DESC NULLS LAST, "ticks" DESC NULLS LAST) AS
        "place"
  FROM "distinct_earnings"
),
"distinct_newest" AS MATERIALIZED (
  SELECT
    "of_lead",
    "at",
    "ticks",
    "by_week",
    "as_of"
  FROM "distinct_numbered"
  WHERE "place" <= 3
),
"distinct_total" AS MATERIALIZED (
  SELECT
    "of_lead",
    CAST(SUM("ticks") AS BIGINT) AS "ticks"
  FROM "distinct_newest"
  GROUP BY "of_lead"
),
"half_of_limit_events_1" AS MATERIALIZED (
  SELECT
    "events_in_scope".*,
    CASE
      WHEN "limit" = 0 AND NOT NULLIF(CAST(2.0e0 AS DOUBLE PRECISION), CAST(0.0e0 AS DOUBLE PRECISION)) IS NULL
          THEN CAST(0.0e0 AS DOUBLE PRECISION)
      WHEN (LN(NULLIF(ABS("limit"), 0)) - LN(NULLIF(ABS(NULLIF(CAST(2.0e0 AS DOUBLE PRECISION), CAST(0.0e0 AS DOUBLE
          PRECISION))), 0))) > CAST(709.882712893384e0 AS DOUBLE PRECISION) THEN CAST(NULL AS DOUBLE PRECISION)
      WHEN (LN(NULLIF(ABS("limit"), 0)) - LN(NULLIF(ABS(NULLIF(CAST(2.0e0 AS DOUBLE PRECISION), CAST(0.0e0 AS DOUBLE
          PRECISION))), 0))) > CAST(709.682712893384e0 AS DOUBLE PRECISION) THEN CASE
        WHEN ABS(CAST(("limit" * CAST(0.0009765625e0 AS DOUBLE PRECISION)) AS DOUBLE PRECISION) / NULLIF(CAST(2.0e0 AS
            DOUBLE PRECISION), CAST(0.0e0 AS DOUBLE PRECISION))) <= CAST(1.7555597020139802e+305 AS DOUBLE PRECISION)
            THEN (CAST(("limit" * CAST(0.0009765625e0 AS DOUBLE PRECISION)) AS DOUBLE PRECISION) / NULLIF(CAST(2.0e0 AS
            DOUBLE PRECISION), CAST(0.0e0 AS DOUBLE PRECISION))) * CAST(1024.0e0 AS DOUBLE PRECISION)
      END
      WHEN (LN(NULLIF(ABS("limit"), 0)) - LN(NULLIF(ABS(NULLIF(CAST(2.0e0 AS DOUBLE PRECISION), CAST(0.0e0 AS DOUBLE
          PRECISION))), 0))) < (-CAST(745.1332191019312e0 AS DOUBLE PRECISION)) THEN CAST(0.0e0 AS DOUBLE PRECISION)
      WHEN NOT (LN(NULLIF(ABS("limit"), 0)) - LN(NULLIF(ABS(NULLIF(CAST(2.0e0 AS DOUBLE PRECISION), CAST(0.0e0 AS DOUBLE
          PRECISION))), 0))) IS NULL THEN CAST("limit" AS DOUBLE PRECISION) / NULLIF(CAST(2.0e0 AS DOUBLE PRECISION),
          CAST(0.0e0 AS DOUBLE PRECISION))
    END AS "number",
    CAST((CAST(TO_TIMESTAMP(CAST(CASE
      WHEN "at" >= 0 THEN ("at" / 1000000)
      ELSE (-((CAST((-"at") AS BIGINT) + 999999) / 1000000))
    END AS DOUBLE PRECISION)) AT TIME ZONE 'Europe/Berlin' AS DATE) - CAST('1970-01-01' AS DATE)) AS BIGINT) AS "day"
  FROM "events_in_scope"
),
"half_of_limit_events_2" AS MATERIALIZED (
  SELECT
    "half_of_limit_events_1".*,
    CASE WHEN ABS("number") <= CAST(1.7976931348623157e308 AS DOUBLE PRECISION) THEN "number" END AS "number_2"
  FROM "half_of_limit_events_1"
),
"half_of_limit_events_3" AS MATERIALIZED (
  SELECT
    "half_of_limit_events_2".*,
    CASE
      WHEN NOT "number_2" IS NULL THEN CAST(CASE
        WHEN "number_2" < 0 THEN (-CASE
          WHEN ABS("number_2") >= CAST(100000000000.0e0 AS DOUBLE PRECISION) THEN 1000000000000000
          ELSE CAST(FLOOR((ABS("number_2") * CAST(10000.0e0 AS DOUBLE PRECISION)) + CAST(0.5e0 AS DOUBLE PRECISION)) AS
              BIGINT)
        END)
        ELSE CASE
          WHEN ABS("number_2") >= CAST(100000000000.0e0 AS DOUBLE PRECISION) THEN 1000000000000000
          ELSE CAST(FLOOR((ABS("number_2") * CAST(10000.0e0 AS DOUBLE PRECISION)) + CAST(0.5e0 AS DOUBLE PRECISION)) AS
              BIGINT)
        END
      END AS BIGINT)
    END AS "ticks"
  FROM "half_of_limit_events_2"
),
"half_of_limit_earnings" AS MATERIALIZED (
  SELECT
    "lead_key" AS "of_lead",
    "at",
    "ticks",
    "day" AS "by_day",
    "as_of"
  FROM "half_of_limit_events_3"
  WHERE "event" = 'delete' AND "limit" > 0 AND NOT "ticks" IS NULL
),
"half_of_limit_numbered" AS MATERIALIZED (
  SELECT
    "of_lead",
    "at",
    "ticks",
    "by_day",
    "as_of",
    ROW_NUMBER() OVER (PARTITION BY "of_lead", "by_day" ORDER BY "at" DESC NULLS LAST, "ticks" DESC NULLS LAST) AS
        "place"
  FROM "half_of_limit_earnings"
),
"half_of_limit_newest" AS MATERIALIZED (
  SELECT
    "of_lead",
    "at",
    "ticks",
    "by_day",
    "as_of"
  FROM "half_of_limit_numbered"
  WHERE "place" <= 1
),
"half_of_limit_total" AS MATERIALIZED (
  SELECT
    "of_lead",
    SUM("ticks") AS "ticks"
  FROM "half_of_limit_newest"
  GROUP BY "of_lead"
),
"events_1" AS MATERIALIZED (
  SELECT
    "events_in_scope".*,
    (("as_of" - "at") / 86400000000) AS "age"
  FROM "events_in_scope"
),
-- What is known of each lead's events.
"lead_events" AS MATERIALIZED (
  SELECT
    "lead_key" AS "of_lead",
    CAST(SUM(CASE
      WHEN "event" = 'insert' THEN CASE
        WHEN "age" < 115 THEN CAST(FLOOR((CAST(20000.0e0 AS DOUBLE PRECISION) * POWER(CAST(0.5e0 AS DOUBLE PRECISION),
            CASE
          WHEN CAST("age" AS DOUBLE PRECISION) = 0 AND NOT CAST(7.0e0 AS DOUBLE PRECISION) IS NULL
              THEN CAST(0.0e0 AS DOUBLE PRECISION)
          WHEN (LN(NULLIF(ABS(CAST("age" AS DOUBLE PRECISION)), 0)) - LN(NULLIF(ABS(CAST(7.0e0 AS DOUBLE PRECISION)),
              0))) > CAST(709.882712893384e0 AS DOUBLE PRECISION) THEN CAST(NULL AS DOUBLE PRECISION)
          WHEN (LN(NULLIF(ABS(CAST("age" AS DOUBLE PRECISION)), 0)) - LN(NULLIF(ABS(CAST(7.0e0 AS DOUBLE PRECISION)),
              0))) > CAST(709.682712893384e0 AS DOUBLE PRECISION) THEN CASE
            WHEN ABS((CAST("age" AS DOUBLE PRECISION) * CAST(0.0009765625e0 AS DOUBLE PRECISION)) / CAST(7.0e0 AS DOUBLE
                PRECISION)) <= CAST(1.7555597020139802e+305 AS DOUBLE PRECISION) THEN ((CAST("age" AS DOUBLE PRECISION)
                * CAST(0.0009765625e0 AS DOUBLE PRECISION)) / CAST(7.0e0 AS DOUBLE PRECISION)) * CAST(1024.0e0 AS DOUBLE
                PRECISION)
          END
          WHEN (LN(NULLIF(ABS(CAST("age" AS DOUBLE PRECISION)), 0)) - LN(NULLIF(ABS(CAST(7.0e0 AS DOUBLE PRECISION)),
              0))) < (-CAST(745.1332191019312e0 AS DOUBLE PRECISION)) THEN CAST(0.0e0 AS DOUBLE PRECISION)
          WHEN NOT (LN(NULLIF(ABS(CAST("age" AS DOUBLE PRECISION)), 0)) - LN(NULLIF(ABS(CAST(7.0e0 AS DOUBLE
              PRECISION)), 0))) IS NULL THEN CAST("age" AS DOUBLE PRECISION) / CAST(7.0e0 AS DOUBLE PRECISION)
        END)) + CAST(0.500001e0 AS DOUBLE PRECISION)) AS BIGINT)
        ELSE 0
      END
    END) AS BIGINT) AS "sum_1"
  FROM "events_1"
  GROUP BY "lead_key"
),
"leads_1" AS MATERIALIZED (
  SELECT
    "leads_clean".*,
    LOWER(TRANSLATE("leads_clean"."order", 'İΣ', 'iσ') COLLATE "und-x-icu") AS "order_folded",
    LOWER(TRANSLATE("leads_clean"."Where", 'İΣ', 'iσ') COLLATE "und-x-icu") AS "Where_folded",
    CASE
      WHEN NOT "leads_clean"."tags" IS NULL THEN ARRAY(SELECT LOWER(TRANSLATE("each_item", 'İΣ', 'iσ') COLLATE
          "und-x-icu") FROM UNNEST("leads_clean"."tags") AS items("each_item"))
    END AS "list",
    CASE
      WHEN NOT "leads_clean"."group" IS NULL THEN CAST(CASE
        WHEN "leads_clean"."group" < 0 THEN (-CASE
          WHEN ABS("leads_clean"."group") >= CAST(100000000000.0e0 AS DOUBLE PRECISION) THEN 1000000000000000
          ELSE CAST(FLOOR((ABS("leads_clean"."group") * CAST(10000.0e0 AS DOUBLE PRECISION)) + CAST(0.5e0 AS DOUBLE
              PRECISION)) AS BIGINT)
        END)
        ELSE CASE
          WHEN ABS("leads_clean"."group") >= CAST(100000000000.0e0 AS DOUBLE PRECISION) THEN 1000000000000000
          ELSE CAST(FLOOR((ABS("leads_clean"."group") * CAST(10000.0e0 AS DOUBLE PRECISION)) + CAST(0.5e0 AS DOUBLE
              PRECISION)) AS BIGINT)
        END
      END AS BIGINT)
    END AS "counted",
    LOWER(TRANSLATE("leads_clean"."size", 'İΣ', 'iσ') COLLATE "und-x-icu") AS "size_folded",
    "distinct_total"."ticks" AS "distinct_earned",
    "lead_events"."sum_1" AS "sum_1",
    "half_of_limit_total"."ticks" AS "half_of_limit_earned",
    "leads_clean"."as_of" - "leads_clean"."Order_Date" AS "since",
    "leads_clean"."as_of" - "leads_clean"."order_date_2" AS "since_2"
  FROM "leads_clean"
  LEFT JOIN "distinct_total" ON "distinct_total"."of_lead" = "leads_clean"."lead_key"
  LEFT JOIN "lead_events" ON "lead_events"."of_lead" = "leads_clean"."lead_key"
  LEFT JOIN "half_of_limit_total" ON "half_of_limit_total"."of_lead" = "leads_clean"."lead_key"
),
"leads_2" AS MATERIALIZED (
  SELECT
    "leads_1".*,
    -- table.join: +10, line 24
    CAST(CASE WHEN STRPOS("order_folded", '''; drop table leads; --') > 0 THEN 100000 ELSE 0 END AS BIGINT) AS
        "table_join",
    -- table.union: +5, line 25
    CAST(CASE WHEN "order_folded" LIKE 'a%^_^%_' ESCAPE '^' THEN 50000 ELSE 0 END AS BIGINT) AS "table_union",
    CASE
      WHEN BTRIM(REGEXP_REPLACE("order_folded", '([' || CHR(1) || '-,.-/:-@_-`{-©«-´¶-¹»-¿×÷' || CHR(8192) || '-' ||
          CHR(8303) || CHR(12288) || '-〄〈-〟！-／：-＠［-｀｛-･^-]|[]]|[[]|[\\])+', ' ', 'g'), ' ') = ''
          THEN ' '
      ELSE ' ' || BTRIM(REGEXP_REPLACE("order_folded", '([' || CHR(1) || '-,.-/:-@_-`{-©«-´¶-¹»-¿×÷' || CHR(8192) || '-'
          || CHR(8303) || CHR(12288) || '-〄〈-〟！-／：-＠［-｀｛-･^-]|[]]|[[]|[\\])+', ' ', 'g'), ' ') || ' '
    END AS "words",
    -- table.dollar: +3, line 27
    CAST(CASE WHEN "Where_folded" = '${x}' THEN 30000 ELSE 0 END AS BIGINT) AS "table_dollar",
    -- table.braces: +4, line 28
    CAST(CASE WHEN STRPOS("Where_folded", '{{ x }}') > 0 OR RIGHT("Where_folded", 8) = '{% if %}'
        THEN 40000 ELSE 0 END AS BIGINT) AS "table_braces",
    -- table.backslash: +2, line 29
    CAST(CASE WHEN LEFT("Where_folded", 1) = '\' OR STRPOS("Where_folded", 'c:\new') > 0 THEN 20000 ELSE 0 END AS
        BIGINT) AS "table_backslash",
    -- table.tagged: +6, line 30
    CAST(CASE
      WHEN CASE WHEN NOT "list" IS NULL THEN NOT ARRAY_POSITION("list", 'it''s') IS NULL END
          THEN 60000
      ELSE 0
    END AS BIGINT) AS "table_tagged",
    CASE WHEN "counted" >= 0 THEN ("counted" / 100000) ELSE 0 END AS "times",
    -- table.size_given: +8, line 32
    CAST(CASE WHEN "size_folded" = 'it''s' THEN 80000 ELSE 0 END AS BIGINT) AS "table_size_given",
    -- table.distinct: +9, line 33
    CAST(COALESCE("distinct_earned", 0) AS BIGINT) AS "table_distinct",
    -- table.cascade: +2, line 34
    CAST(COALESCE("sum_1", 0) AS BIGINT) AS "table_cascade",
    -- table.half_of_limit, line 35
    CAST(CASE
      WHEN NOT "half_of_limit_earned" IS NULL THEN CAST(CASE
        WHEN "half_of_limit_earned" < (-1000000000000000) THEN (-1000000000000000)
        WHEN "half_of_limit_earned" > 1000000000000000 THEN 1000000000000000
        ELSE "half_of_limit_earned"
      END AS BIGINT)
      ELSE 0
    END AS BIGINT) AS "table_half_of_limit",
    -- table.old: -4, line 36
    CAST(CASE
      WHEN CASE
        WHEN "since" >= 0 THEN ("since" / 86400000000)
        ELSE (-((CAST((-"since") AS BIGINT) + 86399999999) / 86400000000))
      END > 100 OR CASE
        WHEN "since_2" >= 0 THEN ("since_2" / 86400000000)
        ELSE (-((CAST((-"since_2") AS BIGINT) + 86399999999) / 86400000000))
      END > 10 THEN (-40000)
      ELSE 0
    END AS BIGINT) AS "table_old"
  FROM "leads_1"
),
"leads_3" AS MATERIALIZED (
  SELECT
    "leads_2".*,
    -- table.having: +7, line 26
    CAST(CASE WHEN STRPOS("words", ' from ') > 0 OR STRPOS("words", ' select ') > 0 THEN 70000 ELSE 0 END AS BIGINT) AS
        "table_having",
    -- table.case: +1, line 31
    CAST(CAST("times" AS BIGINT) * 10000 AS BIGINT) AS "table_case"
  FROM "leads_2"
),
"leads_4" AS MATERIALIZED (
  SELECT
    "leads_3".*,
    -- score table: its rules, line 23
    CAST("table_join" + "table_union" + "table_having" + "table_dollar" + "table_braces" + "table_backslash" +
        "table_tagged" + "table_case" + "table_size_given" + "table_distinct" + "table_cascade" + "table_half_of_limit"
        + "table_old" AS BIGINT) AS "table_sum"
  FROM "leads_3"
),
"leads_5" AS MATERIALIZED (
  SELECT
    "leads_4".*,
    -- score table: range
    CAST(LEAST(GREATEST("table_sum", 0), 1000000) AS BIGINT) AS "table_range"
  FROM "leads_4"
),
"leads_6" AS MATERIALIZED (
  SELECT
    "leads_5".*,
    -- score table, line 23
    CAST("table_range" AS BIGINT) AS "table"
  FROM "leads_5"
),
"leads_7" AS MATERIALIZED (
  SELECT
    "leads_6".*,
    -- band end, line 38
    CASE WHEN "table" >= 500000 THEN 'values' ELSE 'low' END AS "end"
  FROM "leads_6"
),
"leads_8" AS MATERIALIZED (
  SELECT
    "leads_7".*,
    -- decision then, line 42
    CASE WHEN "end" = 'values' THEN 'drop' ELSE 'nurture' END AS "then"
  FROM "leads_7"
)
SELECT
  "lead_key" AS "key",
  CAST("table" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS "table",
  "end" AS "end",
  "then" AS "then",
  CAST(((((CAST(CASE WHEN NOT "order" IS NULL THEN 10000 ELSE 0 END AS BIGINT) + CASE
    WHEN NOT "Order_Date" IS NULL THEN 10000
    ELSE 0
  END + CASE WHEN NOT "order_date_2" IS NULL THEN 10000 ELSE 0 END + CASE
    WHEN NOT "group" IS NULL THEN 10000
    ELSE 0
  END + CASE WHEN NOT "Where" IS NULL THEN 10000 ELSE 0 END + CASE WHEN NOT "tags" IS NULL
      THEN 10000 ELSE 0 END + CASE WHEN NOT "size" IS NULL THEN 10000 ELSE 0 END) * 2) + 7) / 14) AS DECIMAL(18, 0)) *
      CAST(0.0001 AS DECIMAL(4, 4)) AS "completeness",
  'keywords' AS "policy",
  '0.1.0' AS "version",
  '7fa324b176c8' AS "fingerprint",
  CAST('epoch' AS TIMESTAMPTZ) + "as_of" * INTERVAL '1 MICROSECOND' AS "as_of",
  NULLIF(SUBSTR(CASE
    WHEN "table_join" <> 0 THEN '; ' || CASE WHEN "table_join" > 0 THEN 'table.join +' ELSE 'table.join ' END ||
        RTRIM(RTRIM(CAST(CAST("table_join" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS TEXT), '0'), '.')
    ELSE ''
  END || CASE
    WHEN "table_union" <> 0 THEN '; ' || CASE WHEN "table_union" > 0 THEN 'table.union +' ELSE 'table.union ' END ||
        RTRIM(RTRIM(CAST(CAST("table_union" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS TEXT), '0'), '.')
    ELSE ''
  END || CASE
    WHEN "table_having" <> 0 THEN '; ' || CASE WHEN "table_having" > 0 THEN 'table.having +' ELSE 'table.having ' END
        || RTRIM(RTRIM(CAST(CAST("table_having" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS TEXT), '0'),
        '.')
    ELSE ''
  END || CASE
    WHEN "table_dollar" <> 0 THEN '; ' || CASE WHEN "table_dollar" > 0 THEN 'table.dollar +' ELSE 'table.dollar ' END
        || RTRIM(RTRIM(CAST(CAST("table_dollar" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS TEXT), '0'),
        '.')
    ELSE ''
  END || CASE
    WHEN "table_braces" <> 0 THEN '; ' || CASE WHEN "table_braces" > 0 THEN 'table.braces +' ELSE 'table.braces ' END
        || RTRIM(RTRIM(CAST(CAST("table_braces" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS TEXT), '0'),
        '.')
    ELSE ''
  END || CASE
    WHEN "table_backslash" <> 0 THEN '; ' || CASE
      WHEN "table_backslash" > 0 THEN 'table.backslash +'
      ELSE 'table.backslash '
    END || RTRIM(RTRIM(CAST(CAST("table_backslash" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS TEXT), '0'),
        '.')
    ELSE ''
  END || CASE
    WHEN "table_tagged" <> 0 THEN '; ' || CASE WHEN "table_tagged" > 0 THEN 'table.tagged +' ELSE 'table.tagged ' END
        || RTRIM(RTRIM(CAST(CAST("table_tagged" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS TEXT), '0'),
        '.')
    ELSE ''
  END || CASE
    WHEN "table_case" <> 0 THEN '; ' || CASE WHEN "table_case" > 0 THEN 'table.case +' ELSE 'table.case ' END ||
        RTRIM(RTRIM(CAST(CAST("table_case" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS TEXT), '0'), '.')
    ELSE ''
  END || CASE
    WHEN "table_size_given" <> 0 THEN '; ' || CASE
      WHEN "table_size_given" > 0 THEN 'table.size_given +'
      ELSE 'table.size_given '
    END || RTRIM(RTRIM(CAST(CAST("table_size_given" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS TEXT), '0'),
        '.')
    ELSE ''
  END || CASE
    WHEN "table_distinct" <> 0 THEN '; ' || CASE
      WHEN "table_distinct" > 0 THEN 'table.distinct +'
      ELSE 'table.distinct '
    END || RTRIM(RTRIM(CAST(CAST("table_distinct" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS TEXT), '0'),
        '.')
    ELSE ''
  END || CASE
    WHEN "table_cascade" <> 0 THEN '; ' || CASE
      WHEN "table_cascade" > 0 THEN 'table.cascade +'
      ELSE 'table.cascade '
    END || RTRIM(RTRIM(CAST(CAST("table_cascade" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS TEXT), '0'),
        '.')
    ELSE ''
  END || CASE
    WHEN "table_half_of_limit" <> 0 THEN '; ' || CASE
      WHEN "table_half_of_limit" > 0 THEN 'table.half_of_limit +'
      ELSE 'table.half_of_limit '
    END || RTRIM(RTRIM(CAST(CAST("table_half_of_limit" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS TEXT),
        '0'), '.')
    ELSE ''
  END || CASE
    WHEN "table_old" <> 0 THEN '; ' || CASE WHEN "table_old" > 0 THEN 'table.old +' ELSE 'table.old ' END ||
        RTRIM(RTRIM(CAST(CAST("table_old" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS TEXT), '0'), '.')
    ELSE ''
  END || CASE
    WHEN "table_range" <> "table_sum" THEN '; ' || CASE
      WHEN ("table_range" - "table_sum") > 0 THEN 'table.range +'
      ELSE 'table.range '
    END || RTRIM(RTRIM(CAST(CAST("table_range" - "table_sum" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS
        TEXT), '0'), '.')
    ELSE ''
  END, 3), '') AS "reasons"
FROM "leads_8"

-- Names of SQL; -- and its ends */ {{ config() }}: policy keywords, version 0.1.0
-- fingerprint 7fa324b176c8
-- One row for each account.
WITH
-- The instant as of which is scored; change it here.
"parameters" AS (
  SELECT CAST('2026-03-01 23:00:00.000000+00:00' AS TIMESTAMPTZ) AS "as_of"
),
-- The tables; change their names here.
"source_leads" AS (
  SELECT * FROM crm.leads
),
"source_events" AS (
  SELECT * FROM crm.events
),
-- The as-of instant in microseconds since 1970, as all instants below.
"clock" AS MATERIALIZED (
  SELECT CASE WHEN ISFINITE("as_of") THEN CAST(FLOOR(EXTRACT(EPOCH FROM "as_of") * 1000000) AS BIGINT) END AS "as_of"
  FROM "parameters"
),
-- The leads' columns, each as the type that the policy declares.
"leads_read" AS MATERIALIZED (
  SELECT
    NULLIF(BTRIM(CAST("key" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "lead_key",
    NULLIF(BTRIM(CAST("order" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "order",
    CASE
      WHEN CAST("Order Date" AS DATE) > CAST('9999-12-31' AS DATE) THEN 253402387199999999
      WHEN CAST("Order Date" AS DATE) < CAST('0001-01-01' AS DATE) THEN (-62135683200000000)
      ELSE CAST(FLOOR(EXTRACT(EPOCH FROM (CAST(CAST("Order Date" AS DATE) AS TIMESTAMP) AT TIME ZONE 'Europe/Berlin')) *
          1000000) AS BIGINT)
    END AS "Order_Date",
    CASE WHEN ISFINITE("order_date") THEN CAST(FLOOR(EXTRACT(EPOCH FROM "order_date") * 1000000) AS BIGINT) END AS
        "order_date_2",
    CASE
      WHEN ABS(CAST("group" AS DOUBLE PRECISION)) <= CAST(1.7976931348623157e308 AS DOUBLE PRECISION)
          THEN CAST("group" AS DOUBLE PRECISION)
    END AS "group",
    CAST("select" AS BOOLEAN) AS "select",
    NULLIF(BTRIM(CAST("where;--" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "Where",
    CASE
      WHEN NOT "tags" IS NULL THEN ARRAY(SELECT BTRIM("each_item", ' ' || CHR(9) || CHR(13) || CHR(10)) FROM
          UNNEST("tags") AS items("each_item") WHERE BTRIM("each_item", ' ' || CHR(9) || CHR(13) || CHR(10)) <> '')
    END AS "tags",
    NULLIF(BTRIM(CAST("size" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "size_as_written"
  FROM "source_leads"
),
-- Why a row of leads is not scored.
"leads_judged" AS MATERIALIZED (
  SELECT
    *,
    CASE
      WHEN LOWER(TRANSLATE("size_as_written", 'İΣ', 'iσ') COLLATE "und-x-icu") = 's' THEN 'S'
      WHEN LOWER(TRANSLATE("size_as_written", 'İΣ', 'iσ') COLLATE "und-x-icu") = 'it''s' THEN 'it''s'
      WHEN LOWER(TRANSLATE("size_as_written", 'İΣ', 'iσ') COLLATE "und-x-icu") = '50% {{off}}'
          THEN '50% {{off}}'
    END AS "size",
    CASE
      WHEN "lead_key" IS NULL THEN 'the row has no key'
      WHEN COUNT(*) OVER (PARTITION BY "lead_key") > 1 THEN 'the key stands in several rows'
      WHEN "Order_Date" < (-62135596800000000) OR "Order_Date" > 253402300799999999 THEN
          '`Order_Date` is outside the years 0001 to 9999'
      WHEN "order_date_2" < (-62135596800000000) OR "order_date_2" > 253402300799999999 THEN
          '`order_date` is outside the years 0001 to 9999'
      WHEN NOT (LOWER(TRANSLATE("size_as_written", 'İΣ', 'iσ') COLLATE "und-x-icu") IN ('s', 'it''s', '50% {{off}}'))
          THEN '`size` is none of the values that are declared'
    END AS "refused_because"
  FROM "leads_read"
  CROSS JOIN "clock"
),
-- The leads that are scored.
"leads_clean" AS MATERIALIZED (
  SELECT
    "lead_key",
    "order",
    "Order_Date",
    "order_date_2",
    "group",
    "select",
    "Where",
    "tags",
    "size",
    "as_of"
  FROM "leads_judged"
  WHERE "refused_because" IS NULL
),
-- The events' columns, each as the type that the policy declares.
"events_read" AS MATERIALIZED (
  SELECT
    NULLIF(BTRIM(CAST("key" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "lead_key",
    CASE NULLIF(BTRIM(CAST("event" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '')
      WHEN 'insert' THEN 'insert'
      WHEN 'update' THEN 'update'
      WHEN 'delete' THEN 'delete'
      WHEN 'DELETE; --' THEN 'delete'
    END AS "event",
    NULLIF(BTRIM(CAST("event" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "event_as_written",
    CASE WHEN ISFINITE("at") THEN CAST(FLOOR(EXTRACT(EPOCH FROM "at") * 1000000) AS BIGINT) END AS "at",
    CASE
      WHEN NULLIF(BTRIM(CAST("event" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '') IN ('DELETE; --', 'delete')
          THEN NULLIF(BTRIM(CAST("values" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '')
    END AS "values",
    CASE
      WHEN NULLIF(BTRIM(CAST("event" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '') IN ('DELETE; --', 'delete')
          THEN CASE
        WHEN ABS(CAST("limit" AS DOUBLE PRECISION)) <= CAST(1.7976931348623157e308 AS DOUBLE PRECISION)
            THEN CAST("limit" AS DOUBLE PRECISION)
      END
    END AS "limit"
  FROM "source_events"
),
-- Why an event does not count.
"events_judged" AS MATERIALIZED (
  SELECT
    *,
    CASE
      WHEN "event_as_written" IS NULL THEN 'the event has no name'
      WHEN "event" IS NULL THEN 'the policy declares no event of this name'
      WHEN "lead_key" IS NULL THEN 'the event has no lead'
      WHEN "at" IS NULL THEN 'the event has no time'
      WHEN "at" < (-62135596800000000) OR "at" > 253402300799999999 THEN '`at` is outside the years 0001 to 9999'
      WHEN "at" > "as_of" THEN 'the event is later than the as-of instant'
    END AS "refused_because"
  FROM "events_read"
  CROSS JOIN "clock"
),
-- The events that count.
"events_clean" AS MATERIALIZED (
  SELECT
    "lead_key",
    "event",
    "at",
    "values",
    "limit",
    "as_of"
  FROM "events_judged"
  WHERE "refused_because" IS NULL
),
-- The events that are recent enough to matter.
"events_in_scope" AS MATERIALIZED (
  SELECT
    "lead_key",
    "event",
    "at",
    "values",
    "limit",
    "as_of"
  FROM "events_clean"
  WHERE "at" <= "as_of" AND "event" IN ('insert', 'delete') AND ("at" > ("as_of" - 9331200000000)
      OR "event" = 'delete')
),
"distinct_events_1" AS MATERIALIZED (
  SELECT
    "events_in_scope".*,
    CASE
      WHEN (CAST((CAST(TO_TIMESTAMP(CAST(CASE
        WHEN "at" >= 0 THEN ("at" / 1000000)
        ELSE (-((CAST((-"at") AS BIGINT) + 999999) / 1000000))
      END AS DOUBLE PRECISION)) AT TIME ZONE 'Europe/Berlin' AS DATE) - CAST('1970-01-01' AS DATE)) AS BIGINT) + 3) >= 0
          THEN ((CAST((CAST(TO_TIMESTAMP(CAST(CASE
        WHEN "at" >= 0 THEN ("at" / 1000000)
        ELSE (-((CAST((-"at") AS BIGINT) + 999999) / 1000000))
      END AS DOUBLE PRECISION)) AT TIME ZONE 'Europe/Berlin' AS DATE) - CAST('1970-01-01' AS DATE)) AS BIGINT) + 3) / 7)
      ELSE (-((CAST((-(CAST((CAST(TO_TIMESTAMP(CAST(CASE
        WHEN "at" >= 0 THEN ("at" / 1000000)
        ELSE (-((CAST((-"at") AS BIGINT) + 999999) / 1000000))
      END AS DOUBLE PRECISION)) AT TIME ZONE 'Europe/Berlin' AS DATE) - CAST('1970-01-01' AS DATE)) AS BIGINT) + 3)) AS
          BIGINT) + 6) / 7))
    END AS "week"
  FROM "events_in_scope"
),
"distinct_earnings" AS MATERIALIZED (
  SELECT
    "lead_key" AS "of_lead",
    "at",
    90000 AS "ticks",
    "week" AS "by_week",
    "as_of"
  FROM "distinct_events_1"
  WHERE "event" = 'delete' AND "at" > ("as_of" - 2592000000000) AND STRPOS(LOWER(TRANSLATE("values", 'İΣ', 'iσ') COLLATE
      "und-x-icu"), '--') > 0
),
"distinct_numbered" AS MATERIALIZED (
  SELECT
    "of_lead",
    "at",
    "ticks",
    "by_week",
    "as_of",
    ROW_NUMBER() OVER (PARTITION BY "of_lead", "by_week" ORDER BY "at" DESC NULLS LAST, "ticks" DESC NULLS LAST) AS
        "place"
  FROM "distinct_earnings"
),
"distinct_newest" AS MATERIALIZED (
  SELECT
    "of_lead",
    "at",
    "ticks",
    "by_week",
    "as_of"
  FROM "distinct_numbered"
  WHERE "place" <= 3
),
"distinct_total" AS MATERIALIZED (
  SELECT
    "of_lead",
    CAST(SUM("ticks") AS BIGINT) AS "ticks"
  FROM "distinct_newest"
  GROUP BY "of_lead"
),
"half_of_limit_events_1" AS MATERIALIZED (
  SELECT
    "events_in_scope".*,
    CASE
      WHEN "limit" = 0 AND NOT NULLIF(CAST(2.0e0 AS DOUBLE PRECISION), CAST(0.0e0 AS DOUBLE PRECISION)) IS NULL
          THEN CAST(0.0e0 AS DOUBLE PRECISION)
      WHEN (LN(NULLIF(ABS("limit"), 0)) - LN(NULLIF(ABS(NULLIF(CAST(2.0e0 AS DOUBLE PRECISION), CAST(0.0e0 AS DOUBLE
          PRECISION))), 0))) > CAST(709.882712893384e0 AS DOUBLE PRECISION) THEN CAST(NULL AS DOUBLE PRECISION)
      WHEN (LN(NULLIF(ABS("limit"), 0)) - LN(NULLIF(ABS(NULLIF(CAST(2.0e0 AS DOUBLE PRECISION), CAST(0.0e0 AS DOUBLE
          PRECISION))), 0))) > CAST(709.682712893384e0 AS DOUBLE PRECISION) THEN CASE
        WHEN ABS(CAST(("limit" * CAST(0.0009765625e0 AS DOUBLE PRECISION)) AS DOUBLE PRECISION) / NULLIF(CAST(2.0e0 AS
            DOUBLE PRECISION), CAST(0.0e0 AS DOUBLE PRECISION))) <= CAST(1.7555597020139802e+305 AS DOUBLE PRECISION)
            THEN (CAST(("limit" * CAST(0.0009765625e0 AS DOUBLE PRECISION)) AS DOUBLE PRECISION) / NULLIF(CAST(2.0e0 AS
            DOUBLE PRECISION), CAST(0.0e0 AS DOUBLE PRECISION))) * CAST(1024.0e0 AS DOUBLE PRECISION)
      END
      WHEN (LN(NULLIF(ABS("limit"), 0)) - LN(NULLIF(ABS(NULLIF(CAST(2.0e0 AS DOUBLE PRECISION), CAST(0.0e0 AS DOUBLE
          PRECISION))), 0))) < (-CAST(745.1332191019312e0 AS DOUBLE PRECISION)) THEN CAST(0.0e0 AS DOUBLE PRECISION)
      WHEN NOT (LN(NULLIF(ABS("limit"), 0)) - LN(NULLIF(ABS(NULLIF(CAST(2.0e0 AS DOUBLE PRECISION), CAST(0.0e0 AS DOUBLE
          PRECISION))), 0))) IS NULL THEN CAST("limit" AS DOUBLE PRECISION) / NULLIF(CAST(2.0e0 AS DOUBLE PRECISION),
          CAST(0.0e0 AS DOUBLE PRECISION))
    END AS "number",
    CAST((CAST(TO_TIMESTAMP(CAST(CASE
      WHEN "at" >= 0 THEN ("at" / 1000000)
      ELSE (-((CAST((-"at") AS BIGINT) + 999999) / 1000000))
    END AS DOUBLE PRECISION)) AT TIME ZONE 'Europe/Berlin' AS DATE) - CAST('1970-01-01' AS DATE)) AS BIGINT) AS "day"
  FROM "events_in_scope"
),
"half_of_limit_events_2" AS MATERIALIZED (
  SELECT
    "half_of_limit_events_1".*,
    CASE WHEN ABS("number") <= CAST(1.7976931348623157e308 AS DOUBLE PRECISION) THEN "number" END AS "number_2"
  FROM "half_of_limit_events_1"
),
"half_of_limit_events_3" AS MATERIALIZED (
  SELECT
    "half_of_limit_events_2".*,
    CASE
      WHEN NOT "number_2" IS NULL THEN CAST(CASE
        WHEN "number_2" < 0 THEN (-CASE
          WHEN ABS("number_2") >= CAST(100000000000.0e0 AS DOUBLE PRECISION) THEN 1000000000000000
          ELSE CAST(FLOOR((ABS("number_2") * CAST(10000.0e0 AS DOUBLE PRECISION)) + CAST(0.5e0 AS DOUBLE PRECISION)) AS
              BIGINT)
        END)
        ELSE CASE
          WHEN ABS("number_2") >= CAST(100000000000.0e0 AS DOUBLE PRECISION) THEN 1000000000000000
          ELSE CAST(FLOOR((ABS("number_2") * CAST(10000.0e0 AS DOUBLE PRECISION)) + CAST(0.5e0 AS DOUBLE PRECISION)) AS
              BIGINT)
        END
      END AS BIGINT)
    END AS "ticks"
  FROM "half_of_limit_events_2"
),
"half_of_limit_earnings" AS MATERIALIZED (
  SELECT
    "lead_key" AS "of_lead",
    "at",
    "ticks",
    "day" AS "by_day",
    "as_of"
  FROM "half_of_limit_events_3"
  WHERE "event" = 'delete' AND "limit" > 0 AND NOT "ticks" IS NULL
),
"half_of_limit_numbered" AS MATERIALIZED (
  SELECT
    "of_lead",
    "at",
    "ticks",
    "by_day",
    "as_of",
    ROW_NUMBER() OVER (PARTITION BY "of_lead", "by_day" ORDER BY "at" DESC NULLS LAST, "ticks" DESC NULLS LAST) AS
        "place"
  FROM "half_of_limit_earnings"
),
"half_of_limit_newest" AS MATERIALIZED (
  SELECT
    "of_lead",
    "at",
    "ticks",
    "by_day",
    "as_of"
  FROM "half_of_limit_numbered"
  WHERE "place" <= 1
),
"half_of_limit_total" AS MATERIALIZED (
  SELECT
    "of_lead",
    SUM("ticks") AS "ticks"
  FROM "half_of_limit_newest"
  GROUP BY "of_lead"
),
"events_1" AS MATERIALIZED (
  SELECT
    "events_in_scope".*,
    (("as_of" - "at") / 86400000000) AS "age"
  FROM "events_in_scope"
),
-- What is known of each lead's events.
"lead_events" AS MATERIALIZED (
  SELECT
    "lead_key" AS "of_lead",
    CAST(SUM(CASE
      WHEN "event" = 'insert' THEN CASE
        WHEN "age" < 115 THEN CAST(FLOOR((CAST(20000.0e0 AS DOUBLE PRECISION) * POWER(CAST(0.5e0 AS DOUBLE PRECISION),
            CASE
          WHEN CAST("age" AS DOUBLE PRECISION) = 0 AND NOT CAST(7.0e0 AS DOUBLE PRECISION) IS NULL
              THEN CAST(0.0e0 AS DOUBLE PRECISION)
          WHEN (LN(NULLIF(ABS(CAST("age" AS DOUBLE PRECISION)), 0)) - LN(NULLIF(ABS(CAST(7.0e0 AS DOUBLE PRECISION)),
              0))) > CAST(709.882712893384e0 AS DOUBLE PRECISION) THEN CAST(NULL AS DOUBLE PRECISION)
          WHEN (LN(NULLIF(ABS(CAST("age" AS DOUBLE PRECISION)), 0)) - LN(NULLIF(ABS(CAST(7.0e0 AS DOUBLE PRECISION)),
              0))) > CAST(709.682712893384e0 AS DOUBLE PRECISION) THEN CASE
            WHEN ABS((CAST("age" AS DOUBLE PRECISION) * CAST(0.0009765625e0 AS DOUBLE PRECISION)) / CAST(7.0e0 AS DOUBLE
                PRECISION)) <= CAST(1.7555597020139802e+305 AS DOUBLE PRECISION) THEN ((CAST("age" AS DOUBLE PRECISION)
                * CAST(0.0009765625e0 AS DOUBLE PRECISION)) / CAST(7.0e0 AS DOUBLE PRECISION)) * CAST(1024.0e0 AS DOUBLE
                PRECISION)
          END
          WHEN (LN(NULLIF(ABS(CAST("age" AS DOUBLE PRECISION)), 0)) - LN(NULLIF(ABS(CAST(7.0e0 AS DOUBLE PRECISION)),
              0))) < (-CAST(745.1332191019312e0 AS DOUBLE PRECISION)) THEN CAST(0.0e0 AS DOUBLE PRECISION)
          WHEN NOT (LN(NULLIF(ABS(CAST("age" AS DOUBLE PRECISION)), 0)) - LN(NULLIF(ABS(CAST(7.0e0 AS DOUBLE
              PRECISION)), 0))) IS NULL THEN CAST("age" AS DOUBLE PRECISION) / CAST(7.0e0 AS DOUBLE PRECISION)
        END)) + CAST(0.500001e0 AS DOUBLE PRECISION)) AS BIGINT)
        ELSE 0
      END
    END) AS BIGINT) AS "sum_1"
  FROM "events_1"
  GROUP BY "lead_key"
),
"leads_1" AS MATERIALIZED (
  SELECT
    "leads_clean".*,
    LOWER(TRANSLATE("leads_clean"."order", 'İΣ', 'iσ') COLLATE "und-x-icu") AS "order_folded",
    LOWER(TRANSLATE("leads_clean"."Where", 'İΣ', 'iσ') COLLATE "und-x-icu") AS "Where_folded",
    CASE
      WHEN NOT "leads_clean"."tags" IS NULL THEN ARRAY(SELECT LOWER(TRANSLATE("each_item", 'İΣ', 'iσ') COLLATE
          "und-x-icu") FROM UNNEST("leads_clean"."tags") AS items("each_item"))
    END AS "list",
    CASE
      WHEN NOT "leads_clean"."group" IS NULL THEN CAST(CASE
        WHEN "leads_clean"."group" < 0 THEN (-CASE
          WHEN ABS("leads_clean"."group") >= CAST(100000000000.0e0 AS DOUBLE PRECISION) THEN 1000000000000000
          ELSE CAST(FLOOR((ABS("leads_clean"."group") * CAST(10000.0e0 AS DOUBLE PRECISION)) + CAST(0.5e0 AS DOUBLE
              PRECISION)) AS BIGINT)
        END)
        ELSE CASE
          WHEN ABS("leads_clean"."group") >= CAST(100000000000.0e0 AS DOUBLE PRECISION) THEN 1000000000000000
          ELSE CAST(FLOOR((ABS("leads_clean"."group") * CAST(10000.0e0 AS DOUBLE PRECISION)) + CAST(0.5e0 AS DOUBLE
              PRECISION)) AS BIGINT)
        END
      END AS BIGINT)
    END AS "counted",
    LOWER(TRANSLATE("leads_clean"."size", 'İΣ', 'iσ') COLLATE "und-x-icu") AS "size_folded",
    "distinct_total"."ticks" AS "distinct_earned",
    "lead_events"."sum_1" AS "sum_1",
    "half_of_limit_total"."ticks" AS "half_of_limit_earned",
    "leads_clean"."as_of" - "leads_clean"."Order_Date" AS "since",
    "leads_clean"."as_of" - "leads_clean"."order_date_2" AS "since_2"
  FROM "leads_clean"
  LEFT JOIN "distinct_total" ON "distinct_total"."of_lead" = "leads_clean"."lead_key"
  LEFT JOIN "lead_events" ON "lead_events"."of_lead" = "leads_clean"."lead_key"
  LEFT JOIN "half_of_limit_total" ON "half_of_limit_total"."of_lead" = "leads_clean"."lead_key"
),
"leads_2" AS MATERIALIZED (
  SELECT
    "leads_1".*,
    -- table.join: +10, line 24
    CAST(CASE WHEN STRPOS("order_folded", '''; drop table leads; --') > 0 THEN 100000 ELSE 0 END AS BIGINT) AS
        "table_join",
    -- table.union: +5, line 25
    CAST(CASE WHEN "order_folded" LIKE 'a%^_^%_' ESCAPE '^' THEN 50000 ELSE 0 END AS BIGINT) AS "table_union",
    CASE
      WHEN BTRIM(REGEXP_REPLACE("order_folded", '([' || CHR(1) || '-,.-/:-@_-`{-©«-´¶-¹»-¿×÷' || CHR(8192) || '-' ||
          CHR(8303) || CHR(12288) || '-〄〈-〟！-／：-＠［-｀｛-･^-]|[]]|[[]|[\\])+', ' ', 'g'), ' ') = ''
          THEN ' '
      ELSE ' ' || BTRIM(REGEXP_REPLACE("order_folded", '([' || CHR(1) || '-,.-/:-@_-`{-©«-´¶-¹»-¿×÷' || CHR(8192) || '-'
          || CHR(8303) || CHR(12288) || '-〄〈-〟！-／：-＠［-｀｛-･^-]|[]]|[[]|[\\])+', ' ', 'g'), ' ') || ' '
    END AS "words",
    -- table.dollar: +3, line 27
    CAST(CASE WHEN "Where_folded" = '${x}' THEN 30000 ELSE 0 END AS BIGINT) AS "table_dollar",
    -- table.braces: +4, line 28
    CAST(CASE WHEN STRPOS("Where_folded", '{{ x }}') > 0 OR RIGHT("Where_folded", 8) = '{% if %}'
        THEN 40000 ELSE 0 END AS BIGINT) AS "table_braces",
    -- table.backslash: +2, line 29
    CAST(CASE WHEN LEFT("Where_folded", 1) = '\' OR STRPOS("Where_folded", 'c:\new') > 0 THEN 20000 ELSE 0 END AS
        BIGINT) AS "table_backslash",
    -- table.tagged: +6, line 30
    CAST(CASE
      WHEN CASE WHEN NOT "list" IS NULL THEN NOT ARRAY_POSITION("list", 'it''s') IS NULL END
          THEN 60000
      ELSE 0
    END AS BIGINT) AS "table_tagged",
    CASE WHEN "counted" >= 0 THEN ("counted" / 100000) ELSE 0 END AS "times",
    -- table.size_given: +8, line 32
    CAST(CASE WHEN "size_folded" = 'it''s' THEN 80000 ELSE 0 END AS BIGINT) AS "table_size_given",
    -- table.distinct: +9, line 33
    CAST(COALESCE("distinct_earned", 0) AS BIGINT) AS "table_distinct",
    -- table.cascade: +2, line 34
    CAST(COALESCE("sum_1", 0) AS BIGINT) AS "table_cascade",
    -- table.half_of_limit, line 35
    CAST(CASE
      WHEN NOT "half_of_limit_earned" IS NULL THEN CAST(CASE
        WHEN "half_of_limit_earned" < (-1000000000000000) THEN (-1000000000000000)
        WHEN "half_of_limit_earned" > 1000000000000000 THEN 1000000000000000
        ELSE "half_of_limit_earned"
      END AS BIGINT)
      ELSE 0
    END AS BIGINT) AS "table_half_of_limit",
    -- table.old: -4, line 36
    CAST(CASE
      WHEN CASE
        WHEN "since" >= 0 THEN ("since" / 86400000000)
        ELSE (-((CAST((-"since") AS BIGINT) + 86399999999) / 86400000000))
      END > 100 OR CASE
        WHEN "since_2" >= 0 THEN ("since_2" / 86400000000)
        ELSE (-((CAST((-"since_2") AS BIGINT) + 86399999999) / 86400000000))
      END > 10 THEN (-40000)
      ELSE 0
    END AS BIGINT) AS "table_old"
  FROM "leads_1"
),
"leads_3" AS MATERIALIZED (
  SELECT
    "leads_2".*,
    -- table.having: +7, line 26
    CAST(CASE WHEN STRPOS("words", ' from ') > 0 OR STRPOS("words", ' select ') > 0 THEN 70000 ELSE 0 END AS BIGINT) AS
        "table_having",
    -- table.case: +1, line 31
    CAST(CAST("times" AS BIGINT) * 10000 AS BIGINT) AS "table_case"
  FROM "leads_2"
),
"leads_4" AS MATERIALIZED (
  SELECT
    "leads_3".*,
    -- score table, line 23
    CAST(LEAST(GREATEST("table_join" + "table_union" + "table_having" + "table_dollar" + "table_braces" +
        "table_backslash" + "table_tagged" + "table_case" + "table_size_given" + "table_distinct" + "table_cascade" +
        "table_half_of_limit" + "table_old", 0), 1000000) AS BIGINT) AS "table"
  FROM "leads_3"
),
"account_leads" AS MATERIALIZED (
  SELECT
    "order_folded" AS "account",
    "as_of",
    "table"
  FROM "leads_4"
  WHERE NOT "order_folded" IS NULL
),
"account_leads_ranked" AS MATERIALIZED (
  SELECT
    *,
    ROW_NUMBER() OVER (PARTITION BY "account" ORDER BY CASE WHEN NOT "table" IS NULL THEN 0 ELSE 1 END ASC, "table" DESC
        NULLS LAST) AS "table_rank"
  FROM "account_leads"
),
"accounts_rolled_up" AS MATERIALIZED (
  SELECT
    "account",
    COUNT(*) AS "leads",
    MAX("as_of") AS "as_of",
    SUM(CASE WHEN "table_rank" <= 3 THEN "table" END) AS "total"
  FROM "account_leads_ranked"
  GROUP BY "account"
),
"accounts_1" AS MATERIALIZED (
  SELECT
    "accounts_rolled_up".*,
    CAST(CASE
      WHEN COALESCE("total", CAST(0 AS DECIMAL)) < (-1000000000000000) THEN (-1000000000000000)
      WHEN COALESCE("total", CAST(0 AS DECIMAL)) > 1000000000000000 THEN 1000000000000000
      ELSE COALESCE("total", CAST(0 AS DECIMAL))
    END AS BIGINT) AS "rows_before_range"
  FROM "accounts_rolled_up"
),
"accounts_2" AS MATERIALIZED (
  SELECT
    "accounts_1".*,
    -- score rows, line 47
    CAST(CASE WHEN NOT "rows_before_range" IS NULL THEN LEAST(GREATEST("rows_before_range", 0), 10000000) END AS BIGINT)
        AS "rows"
  FROM "accounts_1"
),
"accounts_3" AS MATERIALIZED (
  SELECT
    "accounts_2".*,
    -- band over, line 48
    CASE WHEN "rows" >= 1000000 THEN 'many' ELSE 'few' END AS "over"
  FROM "accounts_2"
)
SELECT
  "account" AS "account",
  "leads" AS "leads",
  CAST("rows" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS "rows",
  "over" AS "over",
  'keywords' AS "policy",
  '0.1.0' AS "version",
  '7fa324b176c8' AS "fingerprint",
  CAST('epoch' AS TIMESTAMPTZ) + "as_of" * INTERVAL '1 MICROSECOND' AS "as_of"
FROM "accounts_3"

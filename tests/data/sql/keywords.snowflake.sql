-- Names of SQL; -- and its ends */ {{ config() }}: policy keywords, version 0.1.0
-- fingerprint 7fa324b176c8
-- One row for each lead.
WITH
-- The instant as of which is scored; change it here.
"parameters" AS (
  SELECT TO_TIMESTAMP_TZ('2026-03-01 23:00:00.000000 +00:00') AS "as_of"
),
-- The tables; change their names here.
"source_leads" AS (
  SELECT * FROM crm.leads
),
"source_events" AS (
  SELECT * FROM crm.events
),
-- The as-of instant in microseconds since 1970, as all instants below.
"clock" AS (
  SELECT DATE_PART('epoch_microsecond', "as_of") AS "as_of"
  FROM "parameters"
),
-- The leads' columns, each as the type that the policy declares.
"leads_read" AS (
  SELECT
    NULLIF(TRIM(CAST(key AS VARCHAR), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "lead_key",
    NULLIF(TRIM(CAST("order" AS VARCHAR), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "order",
    CASE
      WHEN CAST("Order Date" AS DATE) > CAST('9999-12-31' AS DATE) THEN 253402387199999999
      WHEN CAST("Order Date" AS DATE) < CAST('0001-01-01' AS DATE) THEN (-62135683200000000)
      ELSE DATE_PART('epoch_microsecond', CONVERT_TIMEZONE('Europe/Berlin', 'UTC', TO_TIMESTAMP_NTZ(CAST("Order Date" AS
          DATE))))
    END AS "Order_Date",
    DATE_PART('epoch_microsecond', order_date) AS "order_date_2",
    CASE WHEN ABS(CAST("group" AS DOUBLE)) <= CAST(1.7976931348623157e308 AS DOUBLE) THEN CAST("group" AS DOUBLE) END AS
        "group",
    CAST("select" AS BOOLEAN) AS "select",
    NULLIF(TRIM(CAST("where;--" AS VARCHAR), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "Where",
    FILTER(TRANSFORM(tags, each_item VARCHAR -> TRIM(each_item, ' ' || CHR(9) || CHR(13) || CHR(10))), each_item VARCHAR
        -> each_item <> '') AS "tags",
    NULLIF(TRIM(CAST(size AS VARCHAR), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "size_as_written"
  FROM "source_leads"
),
-- Why a row of leads is not scored.
"leads_judged" AS (
  SELECT
    *,
    CASE
      WHEN LOWER(TRANSLATE("size_as_written", 'İΣ', 'iσ')) = 's' THEN 'S'
      WHEN LOWER(TRANSLATE("size_as_written", 'İΣ', 'iσ')) = 'it\'s' THEN 'it\'s'
      WHEN LOWER(TRANSLATE("size_as_written", 'İΣ', 'iσ')) = '50% {{off}}' THEN '50% {{off}}'
    END AS "size",
    CASE
      WHEN "lead_key" IS NULL THEN 'the row has no key'
      WHEN COUNT(*) OVER (PARTITION BY "lead_key") > 1 THEN 'the key stands in several rows'
      WHEN "Order_Date" < (-62135596800000000) OR "Order_Date" > 253402300799999999 THEN
          '`Order_Date` is outside the years 0001 to 9999'
      WHEN "order_date_2" < (-62135596800000000) OR "order_date_2" > 253402300799999999 THEN
          '`order_date` is outside the years 0001 to 9999'
      WHEN NOT (LOWER(TRANSLATE("size_as_written", 'İΣ', 'iσ')) IN ('s', 'it\'s', '50% {{off}}'))
          THEN '`size` is none of the values that are declared'
    END AS "refused_because"
  FROM "leads_read"
  CROSS JOIN "clock"
),
-- The leads that are scored.
"leads_clean" AS (
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
"events_read" AS (
  SELECT
    NULLIF(TRIM(CAST(key AS VARCHAR), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "lead_key",
    CASE NULLIF(TRIM(CAST(event AS VARCHAR), ' ' || CHR(9) || CHR(13) || CHR(10)), '')
      WHEN 'insert' THEN 'insert'
      WHEN 'update' THEN 'update'
      WHEN 'delete' THEN 'delete'
      WHEN 'DELETE; --' THEN 'delete'
    END AS "event",
    NULLIF(TRIM(CAST(event AS VARCHAR), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "event_as_written",
    DATE_PART('epoch_microsecond', at) AS "at",
    CASE
      WHEN NULLIF(TRIM(CAST(event AS VARCHAR), ' ' || CHR(9) || CHR(13) || CHR(10)), '') IN ('DELETE; --', 'delete')
          THEN NULLIF(TRIM(CAST("values" AS VARCHAR), ' ' || CHR(9) || CHR(13) || CHR(10)), '')
    END AS "values",
    CASE
      WHEN NULLIF(TRIM(CAST(event AS VARCHAR), ' ' || CHR(9) || CHR(13) || CHR(10)), '') IN ('DELETE; --', 'delete')
          THEN CASE
        WHEN ABS(CAST(limit AS DOUBLE)) <= CAST(1.7976931348623157e308 AS DOUBLE) THEN CAST(limit AS DOUBLE)
      END
    END AS "limit"
  FROM "source_events"
),
-- Why an event does not count.
"events_judged" AS (
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
"events_clean" AS (
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
"events_in_scope" AS (
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
"distinct_events_1" AS (
  SELECT
    "events_in_scope".*,
    CASE
      WHEN (CAST(DATEDIFF('day', CAST('1970-01-01' AS DATE), TO_DATE(CONVERT_TIMEZONE('UTC', 'Europe/Berlin',
          TO_TIMESTAMP_NTZ("at", 6)))) AS BIGINT) + 3) >= 0 THEN CAST(((CAST(DATEDIFF('day', CAST('1970-01-01' AS DATE),
          TO_DATE(CONVERT_TIMEZONE('UTC', 'Europe/Berlin', TO_TIMESTAMP_NTZ("at", 6)))) AS BIGINT) + 3) -
          MOD(CAST(DATEDIFF('day', CAST('1970-01-01' AS DATE), TO_DATE(CONVERT_TIMEZONE('UTC', 'Europe/Berlin',
          TO_TIMESTAMP_NTZ("at", 6)))) AS BIGINT) + 3, 7)) / 7 AS DECIMAL(38, 0))
      ELSE (-CAST(((CAST((-(CAST(DATEDIFF('day', CAST('1970-01-01' AS DATE), TO_DATE(CONVERT_TIMEZONE('UTC',
          'Europe/Berlin', TO_TIMESTAMP_NTZ("at", 6)))) AS BIGINT) + 3)) AS BIGINT) + 6) -
          MOD(CAST((-(CAST(DATEDIFF('day', CAST('1970-01-01' AS DATE), TO_DATE(CONVERT_TIMEZONE('UTC', 'Europe/Berlin',
          TO_TIMESTAMP_NTZ("at", 6)))) AS BIGINT) + 3)) AS BIGINT) + 6, 7)) / 7 AS DECIMAL(38, 0)))
    END AS "week"
  FROM "events_in_scope"
),
"distinct_earnings" AS (
  SELECT
    "lead_key" AS "of_lead",
    "at",
    90000 AS "ticks",
    "week" AS "by_week",
    "as_of"
  FROM "distinct_events_1"
  WHERE "event" = 'delete' AND "at" > ("as_of" - 2592000000000) AND CONTAINS(LOWER(TRANSLATE("values", 'İΣ', 'iσ')),
      '--')
),
"distinct_numbered" AS (
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
"distinct_newest" AS (
  SELECT
    "of_lead",
    "at",
    "ticks",
    "by_week",
    "as_of"
  FROM "distinct_numbered"
  WHERE "place" <= 3
),
"distinct_total" AS (
  SELECT
    "of_lead",
    CAST(SUM("ticks") AS BIGINT) AS "ticks"
  FROM "distinct_newest"
  GROUP BY "of_lead"
),
"half_of_limit_events_1" AS (
  SELECT
    "events_in_scope".*,
    "limit" / NULLIF(CAST('2.0' AS DOUBLE), CAST('0.0' AS DOUBLE)) AS "number",
    CAST(DATEDIFF('day', CAST('1970-01-01' AS DATE), TO_DATE(CONVERT_TIMEZONE('UTC', 'Europe/Berlin',
        TO_TIMESTAMP_NTZ("at", 6)))) AS BIGINT) AS "day"
  FROM "events_in_scope"
),
"half_of_limit_events_2" AS (
  SELECT
    "half_of_limit_events_1".*,
    CASE WHEN ABS("number") <= CAST(1.7976931348623157e308 AS DOUBLE) THEN "number" END AS "number_2"
  FROM "half_of_limit_events_1"
),
"half_of_limit_events_3" AS (
  SELECT
    "half_of_limit_events_2".*,
    CASE
      WHEN NOT "number_2" IS NULL THEN CAST(CASE
        WHEN "number_2" < 0 THEN (-CASE
          WHEN ABS("number_2") >= CAST('100000000000.0' AS DOUBLE) THEN 1000000000000000
          ELSE CAST(FLOOR((ABS("number_2") * CAST('10000.0' AS DOUBLE)) + CAST('0.5' AS DOUBLE)) AS BIGINT)
        END)
        ELSE CASE
          WHEN ABS("number_2") >= CAST('100000000000.0' AS DOUBLE) THEN 1000000000000000
          ELSE CAST(FLOOR((ABS("number_2") * CAST('10000.0' AS DOUBLE)) + CAST('0.5' AS DOUBLE)) AS BIGINT)
        END
      END AS BIGINT)
    END AS "ticks"
  FROM "half_of_limit_events_2"
),
"half_of_limit_earnings" AS (
  SELECT
    "lead_key" AS "of_lead",
    "at",
    "ticks",
    "day" AS "by_day",
    "as_of"
  FROM "half_of_limit_events_3"
  WHERE "event" = 'delete' AND "limit" > 0 AND NOT "ticks" IS NULL
),
"half_of_limit_numbered" AS (
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
"half_of_limit_newest" AS (
  SELECT
    "of_lead",
    "at",
    "ticks",
    "by_day",
    "as_of"
  FROM "half_of_limit_numbered"
  WHERE "place" <= 1
),
"half_of_limit_total" AS (
  SELECT
    "of_lead",
    CAST(SUM(CAST("ticks" AS DECIMAL(38, 0))) AS DECIMAL(38, 0)) AS "ticks"
  FROM "half_of_limit_newest"
  GROUP BY "of_lead"
),
"events_1" AS (
  SELECT
    "events_in_scope".*,
    CAST((("as_of" - "at") - MOD("as_of" - "at", 86400000000)) / 86400000000 AS DECIMAL(38, 0)) AS "age"
  FROM "events_in_scope"
),
-- What is known of each lead's events.
"lead_events" AS (
  SELECT
    "lead_key" AS "of_lead",
    CAST(SUM(CASE
      WHEN "event" = 'insert' THEN CASE
        WHEN "age" < 115 THEN CAST(FLOOR((CAST('20000.0' AS DOUBLE) * POWER(CAST('0.5' AS DOUBLE), CAST("age" AS DOUBLE)
            / CAST('7.0' AS DOUBLE))) + CAST('0.500001' AS DOUBLE)) AS BIGINT)
        ELSE 0
      END
    END) AS BIGINT) AS "sum_1"
  FROM "events_1"
  GROUP BY "lead_key"
),
"leads_1" AS (
  SELECT
    "leads_clean".*,
    LOWER(TRANSLATE("leads_clean"."order", 'İΣ', 'iσ')) AS "order_folded",
    LOWER(TRANSLATE("leads_clean"."Where", 'İΣ', 'iσ')) AS "Where_folded",
    TRANSFORM("leads_clean"."tags", each_item VARCHAR -> LOWER(TRANSLATE(each_item, 'İΣ', 'iσ'))) AS "list",
    CASE
      WHEN NOT "leads_clean"."group" IS NULL THEN CAST(CASE
        WHEN "leads_clean"."group" < 0 THEN (-CASE
          WHEN ABS("leads_clean"."group") >= CAST('100000000000.0' AS DOUBLE) THEN 1000000000000000
          ELSE CAST(FLOOR((ABS("leads_clean"."group") * CAST('10000.0' AS DOUBLE)) + CAST('0.5' AS DOUBLE)) AS BIGINT)
        END)
        ELSE CASE
          WHEN ABS("leads_clean"."group") >= CAST('100000000000.0' AS DOUBLE) THEN 1000000000000000
          ELSE CAST(FLOOR((ABS("leads_clean"."group") * CAST('10000.0' AS DOUBLE)) + CAST('0.5' AS DOUBLE)) AS BIGINT)
        END
      END AS BIGINT)
    END AS "counted",
    LOWER(TRANSLATE("leads_clean"."size", 'İΣ', 'iσ')) AS "size_folded",
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
"leads_2" AS (
  SELECT
    "leads_1".*,
    -- table.join: +10, line 24
    CAST(CASE WHEN CONTAINS("order_folded", '\'; drop table leads; --') THEN 100000 ELSE 0 END AS BIGINT) AS
        "table_join",
    -- table.union: +5, line 25
    CAST(CASE WHEN "order_folded" LIKE 'a%^_^%_' ESCAPE '^' THEN 50000 ELSE 0 END AS BIGINT) AS "table_union",
    REPLACE(REPLACE(REPLACE(' ' || TRANSLATE("order_folded", CHR(1) || CHR(2) || CHR(3) || CHR(4) || CHR(5) || CHR(6) ||
        CHR(7) || CHR(8) || CHR(9) || CHR(10) || CHR(11) || CHR(12) || CHR(13) || CHR(14) || CHR(15) || CHR(16) ||
        CHR(17) || CHR(18) || CHR(19) || CHR(20) || CHR(21) || CHR(22) || CHR(23) || CHR(24) || CHR(25) || CHR(26) ||
        CHR(27) || CHR(28) || CHR(29) || CHR(30) || CHR(31) || '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~' || CHR(127) ||
        CHR(128) || CHR(129) || CHR(130) || CHR(131) || CHR(132) || CHR(133) || CHR(134) || CHR(135) || CHR(136) ||
        CHR(137) || CHR(138) || CHR(139) || CHR(140) || CHR(141) || CHR(142) || CHR(143) || CHR(144) || CHR(145) ||
        CHR(146) || CHR(147) || CHR(148) || CHR(149) || CHR(150) || CHR(151) || CHR(152) || CHR(153) || CHR(154) ||
        CHR(155) || CHR(156) || CHR(157) || CHR(158) || CHR(159) || CHR(160) || '¡¢£¤¥¦§¨©«¬' || CHR(173) ||
        '®¯°±²³´¶·¸¹»¼½¾¿×÷' || CHR(8192) || CHR(8193) || CHR(8194) || CHR(8195) || CHR(8196) || CHR(8197) || CHR(8198)
        || CHR(8199) || CHR(8200) || CHR(8201) || CHR(8202) || CHR(8203) || CHR(8204) || CHR(8205) || CHR(8206) ||
        CHR(8207) || '‐‑‒–—―‖‗‘’‚‛“”„‟†‡•‣․‥…‧' || CHR(8232) || CHR(8233) || CHR(8234) || CHR(8235) || CHR(8236) ||
        CHR(8237) || CHR(8238) || CHR(8239) || '‰‱′″‴‵‶‷‸‹›※‼‽‾‿⁀⁁⁂⁃⁄⁅⁆⁇⁈⁉⁊⁋⁌⁍⁎⁏⁐⁑⁒⁓⁔⁕⁖⁗⁘⁙⁚⁛⁜⁝⁞' || CHR(8287) ||
        CHR(8288) || CHR(8289) || CHR(8290) || CHR(8291) || CHR(8292) || CHR(8293) || CHR(8294) || CHR(8295) ||
        CHR(8296) || CHR(8297) || CHR(8298) || CHR(8299) || CHR(8300) || CHR(8301) || CHR(8302) || CHR(8303) ||
        CHR(12288) || '、。〃〄〈〉《》「」『』【】〒〓〔〕〖〗〘〙〚〛〜〝〞〟！＂＃＄％＆＇（）＊＋，－．／：；＜＝＞？＠［＼］＾＿｀｛｜｝～' || '｟｠｡｢｣､･', RPAD(' ', 307, ' '))
        || ' ', ' ', '<>'), '><', ''), '<>', ' ') AS "words",
    -- table.dollar: +3, line 27
    CAST(CASE WHEN "Where_folded" = '${x}' THEN 30000 ELSE 0 END AS BIGINT) AS "table_dollar",
    -- table.braces: +4, line 28
    CAST(CASE WHEN CONTAINS("Where_folded", '{{ x }}') OR ENDSWITH("Where_folded", '{% if %}')
        THEN 40000 ELSE 0 END AS BIGINT) AS "table_braces",
    -- table.backslash: +2, line 29
    CAST(CASE WHEN STARTSWITH("Where_folded", '\\') OR CONTAINS("Where_folded", 'c:\\new') THEN 20000 ELSE 0 END AS
        BIGINT) AS "table_backslash",
    -- table.tagged: +6, line 30
    CAST(CASE WHEN ARRAY_CONTAINS(TO_VARIANT('it\'s'), "list") THEN 60000 ELSE 0 END AS BIGINT) AS "table_tagged",
    CASE WHEN "counted" >= 0 THEN CAST(("counted" - MOD("counted", 100000)) / 100000 AS DECIMAL(38, 0)) ELSE 0 END AS
        "times",
    -- table.size_given: +8, line 32
    CAST(CASE WHEN "size_folded" = 'it\'s' THEN 80000 ELSE 0 END AS BIGINT) AS "table_size_given",
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
        WHEN "since" >= 0 THEN CAST(("since" - MOD("since", 86400000000)) / 86400000000 AS DECIMAL(38, 0))
        ELSE (-CAST(((CAST((-"since") AS BIGINT) + 86399999999) - MOD(CAST((-"since") AS BIGINT) + 86399999999,
            86400000000)) / 86400000000 AS DECIMAL(38, 0)))
      END > 100 OR CASE
        WHEN "since_2" >= 0 THEN CAST(("since_2" - MOD("since_2", 86400000000)) / 86400000000 AS DECIMAL(38, 0))
        ELSE (-CAST(((CAST((-"since_2") AS BIGINT) + 86399999999) - MOD(CAST((-"since_2") AS BIGINT) + 86399999999,
            86400000000)) / 86400000000 AS DECIMAL(38, 0)))
      END > 10 THEN (-40000)
      ELSE 0
    END AS BIGINT) AS "table_old"
  FROM "leads_1"
),
"leads_3" AS (
  SELECT
    "leads_2".*,
    -- table.having: +7, line 26
    CAST(CASE WHEN CONTAINS("words", ' from ') OR CONTAINS("words", ' select ') THEN 70000 ELSE 0 END AS BIGINT) AS
        "table_having",
    -- table.case: +1, line 31
    CAST(CAST("times" AS BIGINT) * 10000 AS BIGINT) AS "table_case"
  FROM "leads_2"
),
"leads_4" AS (
  SELECT
    "leads_3".*,
    -- score table: its rules, line 23
    CAST("table_join" + "table_union" + "table_having" + "table_dollar" + "table_braces" + "table_backslash" +
        "table_tagged" + "table_case" + "table_size_given" + "table_distinct" + "table_cascade" + "table_half_of_limit"
        + "table_old" AS BIGINT) AS "table_sum"
  FROM "leads_3"
),
"leads_5" AS (
  SELECT
    "leads_4".*,
    -- score table: range
    CAST(LEAST(GREATEST("table_sum", 0), 1000000) AS BIGINT) AS "table_range"
  FROM "leads_4"
),
"leads_6" AS (
  SELECT
    "leads_5".*,
    -- score table, line 23
    CAST("table_range" AS BIGINT) AS "table"
  FROM "leads_5"
),
"leads_7" AS (
  SELECT
    "leads_6".*,
    -- band end, line 38
    CASE WHEN "table" >= 500000 THEN 'values' ELSE 'low' END AS "end"
  FROM "leads_6"
),
"leads_8" AS (
  SELECT
    "leads_7".*,
    -- decision then, line 42
    CASE WHEN "end" = 'values' THEN 'drop' ELSE 'nurture' END AS "then"
  FROM "leads_7"
)
SELECT
  "lead_key" AS key,
  CAST("table" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS "table",
  "end" AS end,
  "then" AS "then",
  CAST(CAST(((((CAST(CASE WHEN NOT "order" IS NULL THEN 10000 ELSE 0 END AS BIGINT) + CASE
    WHEN NOT "Order_Date" IS NULL THEN 10000
    ELSE 0
  END + CASE WHEN NOT "order_date_2" IS NULL THEN 10000 ELSE 0 END + CASE
    WHEN NOT "group" IS NULL THEN 10000
    ELSE 0
  END + CASE WHEN NOT "Where" IS NULL THEN 10000 ELSE 0 END + CASE WHEN NOT "tags" IS NULL
      THEN 10000 ELSE 0 END + CASE WHEN NOT "size" IS NULL THEN 10000 ELSE 0 END) * 2) + 7) - MOD(((CAST(CASE
    WHEN NOT "order" IS NULL THEN 10000
    ELSE 0
  END AS BIGINT) + CASE WHEN NOT "Order_Date" IS NULL THEN 10000 ELSE 0 END + CASE
    WHEN NOT "order_date_2" IS NULL THEN 10000
    ELSE 0
  END + CASE WHEN NOT "group" IS NULL THEN 10000 ELSE 0 END + CASE WHEN NOT "Where" IS NULL
      THEN 10000 ELSE 0 END + CASE WHEN NOT "tags" IS NULL THEN 10000 ELSE 0 END + CASE
    WHEN NOT "size" IS NULL THEN 10000
    ELSE 0
  END) * 2) + 7, 14)) / 14 AS DECIMAL(38, 0)) AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS completeness,
  'keywords' AS policy,
  '0.1.0' AS version,
  '7fa324b176c8' AS fingerprint,
  TO_TIMESTAMP_TZ("as_of", 6) AS as_of,
  ARRAY_CONSTRUCT_COMPACT(CASE
    WHEN "table_join" <> 0 THEN OBJECT_CONSTRUCT('rule', 'table.join', 'points', CAST("table_join" AS DECIMAL(18, 0))
        * CAST(0.0001 AS DECIMAL(4, 4)))
  END, CASE
    WHEN "table_union" <> 0 THEN OBJECT_CONSTRUCT('rule', 'table.union', 'points', CAST("table_union" AS DECIMAL(18,
        0)) * CAST(0.0001 AS DECIMAL(4, 4)))
  END, CASE
    WHEN "table_having" <> 0 THEN OBJECT_CONSTRUCT('rule', 'table.having', 'points', CAST("table_having" AS
        DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)))
  END, CASE
    WHEN "table_dollar" <> 0 THEN OBJECT_CONSTRUCT('rule', 'table.dollar', 'points', CAST("table_dollar" AS
        DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)))
  END, CASE
    WHEN "table_braces" <> 0 THEN OBJECT_CONSTRUCT('rule', 'table.braces', 'points', CAST("table_braces" AS
        DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)))
  END, CASE
    WHEN "table_backslash" <> 0 THEN OBJECT_CONSTRUCT('rule', 'table.backslash', 'points', CAST("table_backslash" AS
        DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)))
  END, CASE
    WHEN "table_tagged" <> 0 THEN OBJECT_CONSTRUCT('rule', 'table.tagged', 'points', CAST("table_tagged" AS
        DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)))
  END, CASE
    WHEN "table_case" <> 0 THEN OBJECT_CONSTRUCT('rule', 'table.case', 'points', CAST("table_case" AS DECIMAL(18, 0))
        * CAST(0.0001 AS DECIMAL(4, 4)))
  END, CASE
    WHEN "table_size_given" <> 0 THEN OBJECT_CONSTRUCT('rule', 'table.size_given', 'points', CAST("table_size_given"
        AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)))
  END, CASE
    WHEN "table_distinct" <> 0 THEN OBJECT_CONSTRUCT('rule', 'table.distinct', 'points', CAST("table_distinct" AS
        DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)))
  END, CASE
    WHEN "table_cascade" <> 0 THEN OBJECT_CONSTRUCT('rule', 'table.cascade', 'points', CAST("table_cascade" AS
        DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)))
  END, CASE
    WHEN "table_half_of_limit" <> 0 THEN OBJECT_CONSTRUCT('rule', 'table.half_of_limit', 'points',
        CAST("table_half_of_limit" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)))
  END, CASE
    WHEN "table_old" <> 0 THEN OBJECT_CONSTRUCT('rule', 'table.old', 'points', CAST("table_old" AS DECIMAL(18, 0)) *
        CAST(0.0001 AS DECIMAL(4, 4)))
  END, CASE
    WHEN "table_range" <> "table_sum" THEN OBJECT_CONSTRUCT('rule', 'table.range', 'points', CAST("table_range" -
        "table_sum" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)))
  END) AS reasons
FROM "leads_8"

-- Names of SQL; -- and its ends */ {{ config() }}: policy keywords, version 0.1.0
-- fingerprint 7fa324b176c8
-- One row for each account.
WITH
-- The instant as of which is scored; change it here.
"parameters" AS (
  SELECT TO_TIMESTAMP_TZ('2026-03-01 23:00:00.000000 +00:00') AS "as_of"
),
-- The tables; change their names here.
"source_leads" AS (
  SELECT * FROM crm.leads
),
"source_events" AS (
  SELECT * FROM crm.events
),
-- The as-of instant in microseconds since 1970, as all instants below.
"clock" AS (
  SELECT DATE_PART('epoch_microsecond', "as_of") AS "as_of"
  FROM "parameters"
),
-- The leads' columns, each as the type that the policy declares.
"leads_read" AS (
  SELECT
    NULLIF(TRIM(CAST(key AS VARCHAR), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "lead_key",
    NULLIF(TRIM(CAST("order" AS VARCHAR), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "order",
    CASE
      WHEN CAST("Order Date" AS DATE) > CAST('9999-12-31' AS DATE) THEN 253402387199999999
      WHEN CAST("Order Date" AS DATE) < CAST('0001-01-01' AS DATE) THEN (-62135683200000000)
      ELSE DATE_PART('epoch_microsecond', CONVERT_TIMEZONE('Europe/Berlin', 'UTC', TO_TIMESTAMP_NTZ(CAST("Order Date" AS
          DATE))))
    END AS "Order_Date",
    DATE_PART('epoch_microsecond', order_date) AS "order_date_2",
    CASE WHEN ABS(CAST("group" AS DOUBLE)) <= CAST(1.7976931348623157e308 AS DOUBLE) THEN CAST("group" AS DOUBLE) END AS
        "group",
    CAST("select" AS BOOLEAN) AS "select",
    NULLIF(TRIM(CAST("where;--" AS VARCHAR), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "Where",
    FILTER(TRANSFORM(tags, each_item VARCHAR -> TRIM(each_item, ' ' || CHR(9) || CHR(13) || CHR(10))), each_item VARCHAR
        -> each_item <> '') AS "tags",
    NULLIF(TRIM(CAST(size AS VARCHAR), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "size_as_written"
  FROM "source_leads"
),
-- Why a row of leads is not scored.
"leads_judged" AS (
  SELECT
    *,
    CASE
      WHEN LOWER(TRANSLATE("size_as_written", 'İΣ', 'iσ')) = 's' THEN 'S'
      WHEN LOWER(TRANSLATE("size_as_written", 'İΣ', 'iσ')) = 'it\'s' THEN 'it\'s'
      WHEN LOWER(TRANSLATE("size_as_written", 'İΣ', 'iσ')) = '50% {{off}}' THEN '50% {{off}}'
    END AS "size",
    CASE
      WHEN "lead_key" IS NULL THEN 'the row has no key'
      WHEN COUNT(*) OVER (PARTITION BY "lead_key") > 1 THEN 'the key stands in several rows'
      WHEN "Order_Date" < (-62135596800000000) OR "Order_Date" > 253402300799999999 THEN
          '`Order_Date` is outside the years 0001 to 9999'
      WHEN "order_date_2" < (-62135596800000000) OR "order_date_2" > 253402300799999999 THEN
          '`order_date` is outside the years 0001 to 9999'
      WHEN NOT (LOWER(TRANSLATE("size_as_written", 'İΣ', 'iσ')) IN ('s', 'it\'s', '50% {{off}}'))
          THEN '`size` is none of the values that are declared'
    END AS "refused_because"
  FROM "leads_read"
  CROSS JOIN "clock"
),
-- The leads that are scored.
"leads_clean" AS (
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
"events_read" AS (
  SELECT
    NULLIF(TRIM(CAST(key AS VARCHAR), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "lead_key",
    CASE NULLIF(TRIM(CAST(event AS VARCHAR), ' ' || CHR(9) || CHR(13) || CHR(10)), '')
      WHEN 'insert' THEN 'insert'
      WHEN 'update' THEN 'update'
      WHEN 'delete' THEN 'delete'
      WHEN 'DELETE; --' THEN 'delete'
    END AS "event",
    NULLIF(TRIM(CAST(event AS VARCHAR), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "event_as_written",
    DATE_PART('epoch_microsecond', at) AS "at",
    CASE
      WHEN NULLIF(TRIM(CAST(event AS VARCHAR), ' ' || CHR(9) || CHR(13) || CHR(10)), '') IN ('DELETE; --', 'delete')
          THEN NULLIF(TRIM(CAST("values" AS VARCHAR), ' ' || CHR(9) || CHR(13) || CHR(10)), '')
    END AS "values",
    CASE
      WHEN NULLIF(TRIM(CAST(event AS VARCHAR), ' ' || CHR(9) || CHR(13) || CHR(10)), '') IN ('DELETE; --', 'delete')
          THEN CASE
        WHEN ABS(CAST(limit AS DOUBLE)) <= CAST(1.7976931348623157e308 AS DOUBLE) THEN CAST(limit AS DOUBLE)
      END
    END AS "limit"
  FROM "source_events"
),
-- Why an event does not count.
"events_judged" AS (
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
"events_clean" AS (
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
"events_in_scope" AS (
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
"distinct_events_1" AS (
  SELECT
    "events_in_scope".*,
    CASE
      WHEN (CAST(DATEDIFF('day', CAST('1970-01-01' AS DATE), TO_DATE(CONVERT_TIMEZONE('UTC', 'Europe/Berlin',
          TO_TIMESTAMP_NTZ("at", 6)))) AS BIGINT) + 3) >= 0 THEN CAST(((CAST(DATEDIFF('day', CAST('1970-01-01' AS DATE),
          TO_DATE(CONVERT_TIMEZONE('UTC', 'Europe/Berlin', TO_TIMESTAMP_NTZ("at", 6)))) AS BIGINT) + 3) -
          MOD(CAST(DATEDIFF('day', CAST('1970-01-01' AS DATE), TO_DATE(CONVERT_TIMEZONE('UTC', 'Europe/Berlin',
          TO_TIMESTAMP_NTZ("at", 6)))) AS BIGINT) + 3, 7)) / 7 AS DECIMAL(38, 0))
      ELSE (-CAST(((CAST((-(CAST(DATEDIFF('day', CAST('1970-01-01' AS DATE), TO_DATE(CONVERT_TIMEZONE('UTC',
          'Europe/Berlin', TO_TIMESTAMP_NTZ("at", 6)))) AS BIGINT) + 3)) AS BIGINT) + 6) -
          MOD(CAST((-(CAST(DATEDIFF('day', CAST('1970-01-01' AS DATE), TO_DATE(CONVERT_TIMEZONE('UTC', 'Europe/Berlin',
          TO_TIMESTAMP_NTZ("at", 6)))) AS BIGINT) + 3)) AS BIGINT) + 6, 7)) / 7 AS DECIMAL(38, 0)))
    END AS "week"
  FROM "events_in_scope"
),
"distinct_earnings" AS (
  SELECT
    "lead_key" AS "of_lead",
    "at",
    90000 AS "ticks",
    "week" AS "by_week",
    "as_of"
  FROM "distinct_events_1"
  WHERE "event" = 'delete' AND "at" > ("as_of" - 2592000000000) AND CONTAINS(LOWER(TRANSLATE("values", 'İΣ', 'iσ')),
      '--')
),
"distinct_numbered" AS (
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
"distinct_newest" AS (
  SELECT
    "of_lead",
    "at",
    "ticks",
    "by_week",
    "as_of"
  FROM "distinct_numbered"
  WHERE "place" <= 3
),
"distinct_total" AS (
  SELECT
    "of_lead",
    CAST(SUM("ticks") AS BIGINT) AS "ticks"
  FROM "distinct_newest"
  GROUP BY "of_lead"
),
"half_of_limit_events_1" AS (
  SELECT
    "events_in_scope".*,
    "limit" / NULLIF(CAST('2.0' AS DOUBLE), CAST('0.0' AS DOUBLE)) AS "number",
    CAST(DATEDIFF('day', CAST('1970-01-01' AS DATE), TO_DATE(CONVERT_TIMEZONE('UTC', 'Europe/Berlin',
        TO_TIMESTAMP_NTZ("at", 6)))) AS BIGINT) AS "day"
  FROM "events_in_scope"
),
"half_of_limit_events_2" AS (
  SELECT
    "half_of_limit_events_1".*,
    CASE WHEN ABS("number") <= CAST(1.7976931348623157e308 AS DOUBLE) THEN "number" END AS "number_2"
  FROM "half_of_limit_events_1"
),
"half_of_limit_events_3" AS (
  SELECT
    "half_of_limit_events_2".*,
    CASE
      WHEN NOT "number_2" IS NULL THEN CAST(CASE
        WHEN "number_2" < 0 THEN (-CASE
          WHEN ABS("number_2") >= CAST('100000000000.0' AS DOUBLE) THEN 1000000000000000
          ELSE CAST(FLOOR((ABS("number_2") * CAST('10000.0' AS DOUBLE)) + CAST('0.5' AS DOUBLE)) AS BIGINT)
        END)
        ELSE CASE
          WHEN ABS("number_2") >= CAST('100000000000.0' AS DOUBLE) THEN 1000000000000000
          ELSE CAST(FLOOR((ABS("number_2") * CAST('10000.0' AS DOUBLE)) + CAST('0.5' AS DOUBLE)) AS BIGINT)
        END
      END AS BIGINT)
    END AS "ticks"
  FROM "half_of_limit_events_2"
),
"half_of_limit_earnings" AS (
  SELECT
    "lead_key" AS "of_lead",
    "at",
    "ticks",
    "day" AS "by_day",
    "as_of"
  FROM "half_of_limit_events_3"
  WHERE "event" = 'delete' AND "limit" > 0 AND NOT "ticks" IS NULL
),
"half_of_limit_numbered" AS (
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
"half_of_limit_newest" AS (
  SELECT
    "of_lead",
    "at",
    "ticks",
    "by_day",
    "as_of"
  FROM "half_of_limit_numbered"
  WHERE "place" <= 1
),
"half_of_limit_total" AS (
  SELECT
    "of_lead",
    CAST(SUM(CAST("ticks" AS DECIMAL(38, 0))) AS DECIMAL(38, 0)) AS "ticks"
  FROM "half_of_limit_newest"
  GROUP BY "of_lead"
),
"events_1" AS (
  SELECT
    "events_in_scope".*,
    CAST((("as_of" - "at") - MOD("as_of" - "at", 86400000000)) / 86400000000 AS DECIMAL(38, 0)) AS "age"
  FROM "events_in_scope"
),
-- What is known of each lead's events.
"lead_events" AS (
  SELECT
    "lead_key" AS "of_lead",
    CAST(SUM(CASE
      WHEN "event" = 'insert' THEN CASE
        WHEN "age" < 115 THEN CAST(FLOOR((CAST('20000.0' AS DOUBLE) * POWER(CAST('0.5' AS DOUBLE), CAST("age" AS DOUBLE)
            / CAST('7.0' AS DOUBLE))) + CAST('0.500001' AS DOUBLE)) AS BIGINT)
        ELSE 0
      END
    END) AS BIGINT) AS "sum_1"
  FROM "events_1"
  GROUP BY "lead_key"
),
"leads_1" AS (
  SELECT
    "leads_clean".*,
    LOWER(TRANSLATE("leads_clean"."order", 'İΣ', 'iσ')) AS "order_folded",
    LOWER(TRANSLATE("leads_clean"."Where", 'İΣ', 'iσ')) AS "Where_folded",
    TRANSFORM("leads_clean"."tags", each_item VARCHAR -> LOWER(TRANSLATE(each_item, 'İΣ', 'iσ'))) AS "list",
    CASE
      WHEN NOT "leads_clean"."group" IS NULL THEN CAST(CASE
        WHEN "leads_clean"."group" < 0 THEN (-CASE
          WHEN ABS("leads_clean"."group") >= CAST('100000000000.0' AS DOUBLE) THEN 1000000000000000
          ELSE CAST(FLOOR((ABS("leads_clean"."group") * CAST('10000.0' AS DOUBLE)) + CAST('0.5' AS DOUBLE)) AS BIGINT)
        END)
        ELSE CASE
          WHEN ABS("leads_clean"."group") >= CAST('100000000000.0' AS DOUBLE) THEN 1000000000000000
          ELSE CAST(FLOOR((ABS("leads_clean"."group") * CAST('10000.0' AS DOUBLE)) + CAST('0.5' AS DOUBLE)) AS BIGINT)
        END
      END AS BIGINT)
    END AS "counted",
    LOWER(TRANSLATE("leads_clean"."size", 'İΣ', 'iσ')) AS "size_folded",
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
"leads_2" AS (
  SELECT
    "leads_1".*,
    -- table.join: +10, line 24
    CAST(CASE WHEN CONTAINS("order_folded", '\'; drop table leads; --') THEN 100000 ELSE 0 END AS BIGINT) AS
        "table_join",
    -- table.union: +5, line 25
    CAST(CASE WHEN "order_folded" LIKE 'a%^_^%_' ESCAPE '^' THEN 50000 ELSE 0 END AS BIGINT) AS "table_union",
    REPLACE(REPLACE(REPLACE(' ' || TRANSLATE("order_folded", CHR(1) || CHR(2) || CHR(3) || CHR(4) || CHR(5) || CHR(6) ||
        CHR(7) || CHR(8) || CHR(9) || CHR(10) || CHR(11) || CHR(12) || CHR(13) || CHR(14) || CHR(15) || CHR(16) ||
        CHR(17) || CHR(18) || CHR(19) || CHR(20) || CHR(21) || CHR(22) || CHR(23) || CHR(24) || CHR(25) || CHR(26) ||
        CHR(27) || CHR(28) || CHR(29) || CHR(30) || CHR(31) || '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~' || CHR(127) ||
        CHR(128) || CHR(129) || CHR(130) || CHR(131) || CHR(132) || CHR(133) || CHR(134) || CHR(135) || CHR(136) ||
        CHR(137) || CHR(138) || CHR(139) || CHR(140) || CHR(141) || CHR(142) || CHR(143) || CHR(144) || CHR(145) ||
        CHR(146) || CHR(147) || CHR(148) || CHR(149) || CHR(150) || CHR(151) || CHR(152) || CHR(153) || CHR(154) ||
        CHR(155) || CHR(156) || CHR(157) || CHR(158) || CHR(159) || CHR(160) || '¡¢£¤¥¦§¨©«¬' || CHR(173) ||
        '®¯°±²³´¶·¸¹»¼½¾¿×÷' || CHR(8192) || CHR(8193) || CHR(8194) || CHR(8195) || CHR(8196) || CHR(8197) || CHR(8198)
        || CHR(8199) || CHR(8200) || CHR(8201) || CHR(8202) || CHR(8203) || CHR(8204) || CHR(8205) || CHR(8206) ||
        CHR(8207) || '‐‑‒–—―‖‗‘’‚‛“”„‟†‡•‣․‥…‧' || CHR(8232) || CHR(8233) || CHR(8234) || CHR(8235) || CHR(8236) ||
        CHR(8237) || CHR(8238) || CHR(8239) || '‰‱′″‴‵‶‷‸‹›※‼‽‾‿⁀⁁⁂⁃⁄⁅⁆⁇⁈⁉⁊⁋⁌⁍⁎⁏⁐⁑⁒⁓⁔⁕⁖⁗⁘⁙⁚⁛⁜⁝⁞' || CHR(8287) ||
        CHR(8288) || CHR(8289) || CHR(8290) || CHR(8291) || CHR(8292) || CHR(8293) || CHR(8294) || CHR(8295) ||
        CHR(8296) || CHR(8297) || CHR(8298) || CHR(8299) || CHR(8300) || CHR(8301) || CHR(8302) || CHR(8303) ||
        CHR(12288) || '、。〃〄〈〉《》「」『』【】〒〓〔〕〖〗〘〙〚〛〜〝〞〟！＂＃＄％＆＇（）＊＋，－．／：；＜＝＞？＠［＼］＾＿｀｛｜｝～' || '｟｠｡｢｣､･', RPAD(' ', 307, ' '))
        || ' ', ' ', '<>'), '><', ''), '<>', ' ') AS "words",
    -- table.dollar: +3, line 27
    CAST(CASE WHEN "Where_folded" = '${x}' THEN 30000 ELSE 0 END AS BIGINT) AS "table_dollar",
    -- table.braces: +4, line 28
    CAST(CASE WHEN CONTAINS("Where_folded", '{{ x }}') OR ENDSWITH("Where_folded", '{% if %}')
        THEN 40000 ELSE 0 END AS BIGINT) AS "table_braces",
    -- table.backslash: +2, line 29
    CAST(CASE WHEN STARTSWITH("Where_folded", '\\') OR CONTAINS("Where_folded", 'c:\\new') THEN 20000 ELSE 0 END AS
        BIGINT) AS "table_backslash",
    -- table.tagged: +6, line 30
    CAST(CASE WHEN ARRAY_CONTAINS(TO_VARIANT('it\'s'), "list") THEN 60000 ELSE 0 END AS BIGINT) AS "table_tagged",
    CASE WHEN "counted" >= 0 THEN CAST(("counted" - MOD("counted", 100000)) / 100000 AS DECIMAL(38, 0)) ELSE 0 END AS
        "times",
    -- table.size_given: +8, line 32
    CAST(CASE WHEN "size_folded" = 'it\'s' THEN 80000 ELSE 0 END AS BIGINT) AS "table_size_given",
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
        WHEN "since" >= 0 THEN CAST(("since" - MOD("since", 86400000000)) / 86400000000 AS DECIMAL(38, 0))
        ELSE (-CAST(((CAST((-"since") AS BIGINT) + 86399999999) - MOD(CAST((-"since") AS BIGINT) + 86399999999,
            86400000000)) / 86400000000 AS DECIMAL(38, 0)))
      END > 100 OR CASE
        WHEN "since_2" >= 0 THEN CAST(("since_2" - MOD("since_2", 86400000000)) / 86400000000 AS DECIMAL(38, 0))
        ELSE (-CAST(((CAST((-"since_2") AS BIGINT) + 86399999999) - MOD(CAST((-"since_2") AS BIGINT) + 86399999999,
            86400000000)) / 86400000000 AS DECIMAL(38, 0)))
      END > 10 THEN (-40000)
      ELSE 0
    END AS BIGINT) AS "table_old"
  FROM "leads_1"
),
"leads_3" AS (
  SELECT
    "leads_2".*,
    -- table.having: +7, line 26
    CAST(CASE WHEN CONTAINS("words", ' from ') OR CONTAINS("words", ' select ') THEN 70000 ELSE 0 END AS BIGINT) AS
        "table_having",
    -- table.case: +1, line 31
    CAST(CAST("times" AS BIGINT) * 10000 AS BIGINT) AS "table_case"
  FROM "leads_2"
),
"leads_4" AS (
  SELECT
    "leads_3".*,
    -- score table, line 23
    CAST(LEAST(GREATEST("table_join" + "table_union" + "table_having" + "table_dollar" + "table_braces" +
        "table_backslash" + "table_tagged" + "table_case" + "table_size_given" + "table_distinct" + "table_cascade" +
        "table_half_of_limit" + "table_old", 0), 1000000) AS BIGINT) AS "table"
  FROM "leads_3"
),
"account_leads" AS (
  SELECT
    "order_folded" AS "account",
    "as_of",
    "table"
  FROM "leads_4"
  WHERE NOT "order_folded" IS NULL
),
"account_leads_ranked" AS (
  SELECT
    *,
    ROW_NUMBER() OVER (PARTITION BY "account" ORDER BY CASE WHEN NOT "table" IS NULL THEN 0 ELSE 1 END ASC, "table" DESC
        NULLS LAST) AS "table_rank"
  FROM "account_leads"
),
"accounts_rolled_up" AS (
  SELECT
    "account",
    COUNT(*) AS "leads",
    MAX("as_of") AS "as_of",
    CAST(SUM(CAST(CASE WHEN "table_rank" <= 3 THEN "table" END AS DECIMAL(38, 0))) AS DECIMAL(38, 0)) AS "total"
  FROM "account_leads_ranked"
  GROUP BY "account"
),
"accounts_1" AS (
  SELECT
    "accounts_rolled_up".*,
    CAST(CASE
      WHEN COALESCE("total", CAST('0' AS DECIMAL(38, 0))) < (-1000000000000000) THEN (-1000000000000000)
      WHEN COALESCE("total", CAST('0' AS DECIMAL(38, 0))) > 1000000000000000 THEN 1000000000000000
      ELSE COALESCE("total", CAST('0' AS DECIMAL(38, 0)))
    END AS BIGINT) AS "rows_before_range"
  FROM "accounts_rolled_up"
),
"accounts_2" AS (
  SELECT
    "accounts_1".*,
    -- score rows, line 47
    CAST(CASE WHEN NOT "rows_before_range" IS NULL THEN LEAST(GREATEST("rows_before_range", 0), 10000000) END AS BIGINT)
        AS "rows"
  FROM "accounts_1"
),
"accounts_3" AS (
  SELECT
    "accounts_2".*,
    -- band over, line 48
    CASE WHEN "rows" >= 1000000 THEN 'many' ELSE 'few' END AS "over"
  FROM "accounts_2"
)
SELECT
  "account" AS "account",
  "leads" AS leads,
  CAST("rows" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS "rows",
  "over" AS over,
  'keywords' AS policy,
  '0.1.0' AS version,
  '7fa324b176c8' AS fingerprint,
  TO_TIMESTAMP_TZ("as_of", 6) AS as_of
FROM "accounts_3"

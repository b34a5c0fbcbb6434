-- Profile A to D, engagement 1 to 4: policy eloqua_profile_engagement, version 1.0.0
-- fingerprint 0ecedb1f158f
-- One row for each lead.
WITH
-- The instant as of which is scored; change it here.
"parameters" AS (
  SELECT CAST('2026-03-02 00:00:00.000000+00:00' AS TIMESTAMPTZ) AS "as_of"
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
  SELECT EPOCH_US("as_of") AS "as_of"
  FROM "parameters"
),
-- The leads' columns, each as the type that the policy declares.
"leads_read" AS (
  SELECT
    NULLIF(TRIM(CAST("contact_id" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "lead_key",
    NULLIF(TRIM(CAST("job_title" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "job_title",
    NULLIF(TRIM(CAST("industry" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "industry",
    CASE WHEN ISFINITE(CAST("revenue" AS DOUBLE)) THEN CAST("revenue" AS DOUBLE) END AS "revenue",
    NULLIF(TRIM(CAST("current_solution" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "current_solution",
    CAST("email_permission" AS BOOLEAN) AS "email_permission"
  FROM "source_leads"
),
-- Why a row of leads is not scored.
"leads_judged" AS (
  SELECT
    *,
    CASE
      WHEN "lead_key" IS NULL THEN 'the row has no key'
      WHEN COUNT(*) OVER (PARTITION BY "lead_key") > 1 THEN 'the key stands in several rows'
    END AS "refused_because"
  FROM "leads_read"
  CROSS JOIN "clock"
),
-- The leads that are scored.
"leads_clean" AS (
  SELECT
    "lead_key",
    "job_title",
    "industry",
    "revenue",
    "current_solution",
    "email_permission",
    "as_of"
  FROM "leads_judged"
  WHERE "refused_because" IS NULL
),
-- The events' columns, each as the type that the policy declares.
"events_read" AS (
  SELECT
    NULLIF(TRIM(CAST("contact_id" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "lead_key",
    CASE NULLIF(TRIM(CAST("event" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '')
      WHEN 'form_submit' THEN 'form_submit'
      WHEN 'email_click' THEN 'email_click'
      WHEN 'email_open' THEN 'email_open'
      WHEN 'product_page' THEN 'product_page'
    END AS "event",
    NULLIF(TRIM(CAST("event" AS TEXT), ' ' || CHR(9) || CHR(13) || CHR(10)), '') AS "event_as_written",
    EPOCH_US("at") AS "at"
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
    "as_of"
  FROM "events_clean"
  WHERE "at" <= "as_of" AND "at" > ("as_of" - 2592000000000)
),
-- What is known of each lead's events.
"lead_events" AS (
  SELECT
    "lead_key" AS "of_lead",
    BOOL_OR("event" = 'form_submit' AND "at" > ("as_of" - 604800000000)) AS "any_1",
    BOOL_OR("event" = 'form_submit' AND "at" > ("as_of" - 1209600000000)) AS "any_1_2",
    BOOL_OR("event" = 'form_submit' AND "at" > ("as_of" - 2592000000000)) AS "any_1_3",
    COUNT(CASE WHEN "event" = 'product_page' AND "at" > ("as_of" - 604800000000) THEN 1 END) AS "n_1",
    COUNT(CASE WHEN "event" = 'product_page' AND "at" > ("as_of" - 2592000000000) THEN 1 END) AS "n_1_2",
    BOOL_OR("event" = 'product_page' AND "at" > ("as_of" - 1209600000000)) AS "any_1_4",
    COUNT(CASE WHEN "event" = 'email_click' AND "at" > ("as_of" - 604800000000) THEN 1 END) AS "n_1_3",
    COUNT(CASE WHEN "event" = 'email_click' AND "at" > ("as_of" - 2592000000000) THEN 1 END) AS "n_1_4",
    BOOL_OR("event" = 'email_click' AND "at" > ("as_of" - 1209600000000)) AS "any_1_5",
    COUNT(CASE WHEN "event" = 'email_open' AND "at" > ("as_of" - 604800000000) THEN 1 END) AS "n_1_5",
    COUNT(CASE WHEN "event" = 'email_open' AND "at" > ("as_of" - 2592000000000) THEN 1 END) AS "n_1_6",
    BOOL_OR("event" = 'email_open' AND "at" > ("as_of" - 1209600000000)) AS "any_1_6"
  FROM "events_in_scope"
  GROUP BY "lead_key"
),
"leads_1" AS (
  SELECT
    "leads_clean".*,
    LOWER("leads_clean"."job_title") AS "job_title_folded",
    LOWER("leads_clean"."industry") AS "industry_folded",
    -- profile.from_1_billion: +100, line 31
    CAST(CASE WHEN "leads_clean"."revenue" >= 1000000000 THEN 1000000 ELSE 0 END AS BIGINT) AS "profile_from_1_billion",
    -- profile.from_100_million: +20, line 32
    CAST(CASE WHEN "leads_clean"."revenue" >= 100000000 THEN 200000 ELSE 0 END AS BIGINT) AS "profile_from_100_million",
    LOWER("leads_clean"."current_solution") AS "current_solution_folded",
    "lead_events"."any_1" AS "any_1",
    "lead_events"."any_1_2" AS "any_1_2",
    "lead_events"."any_1_3" AS "any_1_3",
    "lead_events"."n_1" AS "n_1",
    "lead_events"."n_1_2" AS "n_1_2",
    "lead_events"."any_1_4" AS "any_1_4",
    "lead_events"."n_1_3" AS "n_1_3",
    "lead_events"."n_1_4" AS "n_1_4",
    "lead_events"."any_1_5" AS "any_1_5",
    "lead_events"."n_1_5" AS "n_1_5",
    "lead_events"."n_1_6" AS "n_1_6",
    "lead_events"."any_1_6" AS "any_1_6",
    -- gate permission, line 73
    COALESCE(NOT COALESCE("leads_clean"."email_permission", FALSE), FALSE) AS "gate_permission"
  FROM "leads_clean"
  LEFT JOIN "lead_events" ON "lead_events"."of_lead" = "leads_clean"."lead_key"
),
"leads_2" AS (
  SELECT
    "leads_1".*,
    CASE
      WHEN TRIM(REGEXP_REPLACE("job_title_folded", '([' || CHR(1) || '-,.-/:-@_-`{-©«-´¶-¹»-¿×÷' || CHR(8192) || '-' ||
          CHR(8303) || CHR(12288) || '-〄〈-〟！-／：-＠［-｀｛-･^-]|[]]|[[]|[\\])+', ' ', 'g'), ' ') = ''
          THEN ' '
      ELSE ' ' || TRIM(REGEXP_REPLACE("job_title_folded", '([' || CHR(1) || '-,.-/:-@_-`{-©«-´¶-¹»-¿×÷' || CHR(8192) ||
          '-' || CHR(8303) || CHR(12288) || '-〄〈-〟！-／：-＠［-｀｛-･^-]|[]]|[[]|[\\])+', ' ', 'g'), ' ') || ' '
    END AS "words",
    -- profile.target_industry: +100, line 29
    CAST(CASE WHEN "industry_folded" IN ('pharmaceutical', 'software') THEN 1000000 ELSE 0 END AS BIGINT) AS
        "profile_target_industry",
    "profile_from_1_billion" <> 0 AS "profile_revenue_chosen",
    "profile_from_100_million" <> 0 AND NOT ("profile_from_1_billion" <> 0) AS "profile_revenue_chosen_2",
    -- group profile.revenue: its members, line 30
    CAST(CASE
      WHEN "profile_from_1_billion" <> 0 THEN "profile_from_1_billion"
      WHEN "profile_from_100_million" <> 0 THEN "profile_from_100_million"
      ELSE 0
    END AS BIGINT) AS "profile_revenue_sum",
    -- profile.competitor_1: +100, line 34
    CAST(CASE WHEN "current_solution_folded" = 'competitor 1' THEN 1000000 ELSE 0 END AS BIGINT) AS
        "profile_competitor_1",
    -- profile.competitor_2: +80, line 35
    CAST(CASE WHEN "current_solution_folded" = 'competitor 2' THEN 800000 ELSE 0 END AS BIGINT) AS
        "profile_competitor_2",
    -- engagement.form_this_week: +100, line 39
    CAST(CASE WHEN COALESCE("any_1", FALSE) THEN 1000000 ELSE 0 END AS BIGINT) AS "engagement_form_this_week",
    -- engagement.form_in_14_days: +75, line 40
    CAST(CASE WHEN COALESCE("any_1_2", FALSE) THEN 750000 ELSE 0 END AS BIGINT) AS "engagement_form_in_14_days",
    -- engagement.form_in_30_days: +50, line 41
    CAST(CASE WHEN COALESCE("any_1_3", FALSE) THEN 500000 ELSE 0 END AS BIGINT) AS "engagement_form_in_30_days",
    -- engagement.pages_this_week: +100, line 43
    CAST(CASE WHEN COALESCE("n_1", 0) >= 3 THEN 1000000 ELSE 0 END AS BIGINT) AS "engagement_pages_this_week",
    -- engagement.pages_in_30_days: +75, line 44
    CAST(CASE WHEN COALESCE("n_1_2", 0) >= 3 THEN 750000 ELSE 0 END AS BIGINT) AS "engagement_pages_in_30_days",
    -- engagement.page_in_14_days: +50, line 45
    CAST(CASE WHEN COALESCE("any_1_4", FALSE) THEN 500000 ELSE 0 END AS BIGINT) AS "engagement_page_in_14_days",
    -- engagement.clicks_this_week: +100, line 47
    CAST(CASE WHEN COALESCE("n_1_3", 0) >= 3 THEN 1000000 ELSE 0 END AS BIGINT) AS "engagement_clicks_this_week",
    -- engagement.clicks_in_30_days: +75, line 48
    CAST(CASE WHEN COALESCE("n_1_4", 0) >= 3 THEN 750000 ELSE 0 END AS BIGINT) AS "engagement_clicks_in_30_days",
    -- engagement.click_in_14_days: +50, line 49
    CAST(CASE WHEN COALESCE("any_1_5", FALSE) THEN 500000 ELSE 0 END AS BIGINT) AS "engagement_click_in_14_days",
    -- engagement.opens_this_week: +100, line 51
    CAST(CASE WHEN COALESCE("n_1_5", 0) >= 3 THEN 1000000 ELSE 0 END AS BIGINT) AS "engagement_opens_this_week",
    -- engagement.opens_in_30_days: +75, line 52
    CAST(CASE WHEN COALESCE("n_1_6", 0) >= 3 THEN 750000 ELSE 0 END AS BIGINT) AS "engagement_opens_in_30_days",
    -- engagement.open_in_14_days: +50, line 53
    CAST(CASE WHEN COALESCE("any_1_6", FALSE) THEN 500000 ELSE 0 END AS BIGINT) AS "engagement_open_in_14_days"
  FROM "leads_1"
),
"leads_3" AS (
  SELECT
    "leads_2".*,
    -- profile.vp_marketing: +100, line 25
    CAST(CASE WHEN CONTAINS("words", ' marketing ') AND CONTAINS("words", ' vp ') THEN 1000000 ELSE 0 END AS BIGINT) AS
        "profile_vp_marketing",
    -- profile.director_sales: +50, line 26
    CAST(CASE WHEN CONTAINS("words", ' director ') AND CONTAINS("words", ' sales ') THEN 500000 ELSE 0 END AS BIGINT) AS
        "profile_director_sales",
    -- profile.manager_sales: +25, line 27
    CAST(CASE WHEN CONTAINS("words", ' manager ') AND CONTAINS("words", ' sales ') THEN 250000 ELSE 0 END AS BIGINT) AS
        "profile_manager_sales",
    "profile_target_industry" <> 0 AS "profile_industry_chosen",
    -- group profile.industry: its members, line 28
    CAST(CASE WHEN "profile_target_industry" <> 0 THEN "profile_target_industry" ELSE 0 END AS BIGINT) AS
        "profile_industry_sum",
    -- group profile.revenue: counting, line 30
    CAST(((("profile_revenue_sum" * 2) + 4) // 8) AS BIGINT) AS "profile_revenue_counting",
    "profile_competitor_1" <> 0 AS "profile_solution_chosen",
    "profile_competitor_2" <> 0 AND NOT ("profile_competitor_1" <> 0) AS "profile_solution_chosen_2",
    -- group profile.solution: its members, line 33
    CAST(CASE
      WHEN "profile_competitor_1" <> 0 THEN "profile_competitor_1"
      WHEN "profile_competitor_2" <> 0 THEN "profile_competitor_2"
      ELSE 0
    END AS BIGINT) AS "profile_solution_sum",
    "engagement_form_this_week" <> 0 AS "engagement_forms_chosen",
    "engagement_form_in_14_days" <> 0 AND NOT ("engagement_form_this_week" <> 0) AS "engagement_forms_chosen_2",
    "engagement_form_in_30_days" <> 0 AND NOT ("engagement_form_this_week" <> 0) AND NOT ("engagement_form_in_14_days"
        <> 0) AS "engagement_forms_chosen_3",
    -- group engagement.forms: its members, line 38
    CAST(CASE
      WHEN "engagement_form_this_week" <> 0 THEN "engagement_form_this_week"
      WHEN "engagement_form_in_14_days" <> 0 THEN "engagement_form_in_14_days"
      WHEN "engagement_form_in_30_days" <> 0 THEN "engagement_form_in_30_days"
      ELSE 0
    END AS BIGINT) AS "engagement_forms_sum",
    "engagement_pages_this_week" <> 0 AS "engagement_pages_chosen",
    "engagement_pages_in_30_days" <> 0 AND NOT ("engagement_pages_this_week" <> 0) AS "engagement_pages_chosen_2",
    "engagement_page_in_14_days" <> 0 AND NOT ("engagement_pages_this_week" <> 0) AND NOT ("engagement_pages_in_30_days"
        <> 0) AS "engagement_pages_chosen_3",
    -- group engagement.pages: its members, line 42
    CAST(CASE
      WHEN "engagement_pages_this_week" <> 0 THEN "engagement_pages_this_week"
      WHEN "engagement_pages_in_30_days" <> 0 THEN "engagement_pages_in_30_days"
      WHEN "engagement_page_in_14_days" <> 0 THEN "engagement_page_in_14_days"
      ELSE 0
    END AS BIGINT) AS "engagement_pages_sum",
    "engagement_clicks_this_week" <> 0 AS "engagement_clicks_chosen",
    "engagement_clicks_in_30_days" <> 0 AND NOT ("engagement_clicks_this_week" <> 0) AS "engagement_clicks_chosen_2",
    "engagement_click_in_14_days" <> 0 AND NOT ("engagement_clicks_this_week" <> 0) AND NOT
        ("engagement_clicks_in_30_days" <> 0) AS "engagement_clicks_chosen_3",
    -- group engagement.clicks: its members, line 46
    CAST(CASE
      WHEN "engagement_clicks_this_week" <> 0 THEN "engagement_clicks_this_week"
      WHEN "engagement_clicks_in_30_days" <> 0 THEN "engagement_clicks_in_30_days"
      WHEN "engagement_click_in_14_days" <> 0 THEN "engagement_click_in_14_days"
      ELSE 0
    END AS BIGINT) AS "engagement_clicks_sum",
    "engagement_opens_this_week" <> 0 AS "engagement_opens_chosen",
    "engagement_opens_in_30_days" <> 0 AND NOT ("engagement_opens_this_week" <> 0) AS "engagement_opens_chosen_2",
    "engagement_open_in_14_days" <> 0 AND NOT ("engagement_opens_this_week" <> 0) AND NOT ("engagement_opens_in_30_days"
        <> 0) AS "engagement_opens_chosen_3",
    -- group engagement.opens: its members, line 50
    CAST(CASE
      WHEN "engagement_opens_this_week" <> 0 THEN "engagement_opens_this_week"
      WHEN "engagement_opens_in_30_days" <> 0 THEN "engagement_opens_in_30_days"
      WHEN "engagement_open_in_14_days" <> 0 THEN "engagement_open_in_14_days"
      ELSE 0
    END AS BIGINT) AS "engagement_opens_sum"
  FROM "leads_2"
),
"leads_4" AS (
  SELECT
    "leads_3".*,
    "profile_vp_marketing" <> 0 AS "profile_title_chosen",
    "profile_director_sales" <> 0 AND NOT ("profile_vp_marketing" <> 0) AS "profile_title_chosen_2",
    "profile_manager_sales" <> 0 AND NOT ("profile_vp_marketing" <> 0) AND NOT ("profile_director_sales" <> 0) AS
        "profile_title_chosen_3",
    -- group profile.title: its members, line 24
    CAST(CASE
      WHEN "profile_vp_marketing" <> 0 THEN "profile_vp_marketing"
      WHEN "profile_director_sales" <> 0 THEN "profile_director_sales"
      WHEN "profile_manager_sales" <> 0 THEN "profile_manager_sales"
      ELSE 0
    END AS BIGINT) AS "profile_title_sum",
    "profile_industry_sum" * 3 AS "share_2",
    -- group profile.revenue, line 30
    CAST("profile_revenue_counting" AS BIGINT) AS "profile_revenue",
    "profile_solution_sum" * 3 AS "share_3",
    "engagement_forms_sum" * 7 AS "share_4",
    "engagement_pages_sum" * 3 AS "share_5",
    -- group engagement.clicks: counting, line 46
    CAST(((("engagement_clicks_sum" * 2) + 5) // 10) AS BIGINT) AS "engagement_clicks_counting",
    "engagement_opens_sum" * 3 AS "share_6"
  FROM "leads_3"
),
"leads_5" AS (
  SELECT
    "leads_4".*,
    "profile_title_sum" * 3 AS "share",
    -- group profile.industry: counting, line 28
    CAST(((("share_2" * 2) + 10) // 20) AS BIGINT) AS "profile_industry_counting",
    -- group profile.solution: counting, line 33
    CAST(((("share_3" * 2) + 20) // 40) AS BIGINT) AS "profile_solution_counting",
    -- group engagement.forms: counting, line 38
    CAST(((("share_4" * 2) + 20) // 40) AS BIGINT) AS "engagement_forms_counting",
    -- group engagement.pages: counting, line 42
    CAST(((("share_5" * 2) + 10) // 20) AS BIGINT) AS "engagement_pages_counting",
    -- group engagement.clicks, line 46
    CAST("engagement_clicks_counting" AS BIGINT) AS "engagement_clicks",
    -- group engagement.opens: counting, line 50
    CAST(((("share_6" * 2) + 20) // 40) AS BIGINT) AS "engagement_opens_counting"
  FROM "leads_4"
),
"leads_6" AS (
  SELECT
    "leads_5".*,
    -- group profile.title: counting, line 24
    CAST(((("share" * 2) + 10) // 20) AS BIGINT) AS "profile_title_counting",
    -- group profile.industry, line 28
    CAST("profile_industry_counting" AS BIGINT) AS "profile_industry",
    -- group profile.solution, line 33
    CAST("profile_solution_counting" AS BIGINT) AS "profile_solution",
    -- group engagement.forms, line 38
    CAST("engagement_forms_counting" AS BIGINT) AS "engagement_forms",
    -- group engagement.pages, line 42
    CAST("engagement_pages_counting" AS BIGINT) AS "engagement_pages",
    -- group engagement.opens, line 50
    CAST("engagement_opens_counting" AS BIGINT) AS "engagement_opens"
  FROM "leads_5"
),
"leads_7" AS (
  SELECT
    "leads_6".*,
    -- group profile.title, line 24
    CAST("profile_title_counting" AS BIGINT) AS "profile_title",
    -- score engagement: its rules, line 37
    CAST("engagement_forms" + "engagement_pages" + "engagement_clicks" + "engagement_opens" AS BIGINT) AS
        "engagement_sum"
  FROM "leads_6"
),
"leads_8" AS (
  SELECT
    "leads_7".*,
    -- score profile: its rules, line 23
    CAST("profile_title" + "profile_industry" + "profile_revenue" + "profile_solution" AS BIGINT) AS "profile_sum",
    -- score engagement: range
    CAST(LEAST(GREATEST("engagement_sum", 0), 1000000) AS BIGINT) AS "engagement_range"
  FROM "leads_7"
),
"leads_9" AS (
  SELECT
    "leads_8".*,
    -- score profile: range
    CAST(LEAST(GREATEST("profile_sum", 0), 1000000) AS BIGINT) AS "profile_range",
    -- score engagement, line 37
    CAST("engagement_range" AS BIGINT) AS "engagement"
  FROM "leads_8"
),
"leads_10" AS (
  SELECT
    "leads_9".*,
    -- score profile, line 23
    CAST("profile_range" AS BIGINT) AS "profile",
    -- band digit, line 58
    CASE
      WHEN "engagement" >= 750000 THEN '1'
      WHEN "engagement" >= 500000 THEN '2'
      WHEN "engagement" >= 250000 THEN '3'
      ELSE '4'
    END AS "digit"
  FROM "leads_9"
),
"leads_11" AS (
  SELECT
    "leads_10".*,
    -- band letter, line 55
    CASE
      WHEN "profile" >= 750000 THEN 'A'
      WHEN "profile" >= 500000 THEN 'B'
      WHEN "profile" >= 250000 THEN 'C'
      ELSE 'D'
    END AS "letter"
  FROM "leads_10"
),
"leads_12" AS (
  SELECT
    "leads_11".*,
    -- decision next_step: the grid, line 65
    CASE
      WHEN "letter" = 'A' THEN CASE WHEN "digit" IN ('1', '2') THEN 'sales' ELSE 'nurture' END
      WHEN "letter" = 'B' THEN CASE WHEN "digit" = '1' THEN 'sales' ELSE 'nurture' END
      WHEN "letter" = 'C' THEN CASE WHEN "digit" IN ('1', '2', '3') THEN 'nurture' ELSE 'leave' END
      WHEN "letter" = 'D' THEN CASE WHEN "digit" = '1' THEN 'nurture' ELSE 'leave' END
    END AS "next_step_grid"
  FROM "leads_11"
),
"leads_13" AS (
  SELECT
    "leads_12".*,
    -- decision next_step, line 64
    CASE
      WHEN "next_step_grid" = 'leave' THEN "next_step_grid"
      WHEN "next_step_grid" = 'sales' AND NOT "gate_permission" THEN 'sales'
      WHEN "next_step_grid" = 'nurture' AND NOT "gate_permission" THEN 'nurture'
      ELSE 'leave'
    END AS "next_step"
  FROM "leads_12"
)
SELECT
  "lead_key" AS "contact_id",
  CAST("profile" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS "profile",
  CAST("engagement" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS "engagement",
  "letter" AS "letter",
  "digit" AS "digit",
  "next_step" AS "next_step",
  CAST(((((CAST(CASE WHEN NOT "job_title" IS NULL THEN 10000 ELSE 0 END AS BIGINT) + CASE
    WHEN NOT "industry" IS NULL THEN 10000
    ELSE 0
  END + CASE WHEN NOT "revenue" IS NULL THEN 10000 ELSE 0 END + CASE
    WHEN NOT "current_solution" IS NULL THEN 10000
    ELSE 0
  END + CASE WHEN NOT "email_permission" IS NULL THEN 10000 ELSE 0 END) * 2) + 5) // 10) AS DECIMAL(18, 0)) *
      CAST(0.0001 AS DECIMAL(4, 4)) AS "completeness",
  'eloqua_profile_engagement' AS "policy",
  '1.0.0' AS "version",
  '0ecedb1f158f' AS "fingerprint",
  MAKE_TIMESTAMPTZ("as_of") AS "as_of",
  LIST_FILTER([CASE
    WHEN "profile_title_chosen" AND "profile_vp_marketing" <> 0 THEN {'rule': 'profile.vp_marketing', 'points':
        CAST("profile_vp_marketing" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END, CASE
    WHEN "profile_title_chosen_2" AND "profile_director_sales" <> 0 THEN {'rule': 'profile.director_sales', 'points':
        CAST("profile_director_sales" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END, CASE
    WHEN "profile_title_chosen_3" AND "profile_manager_sales" <> 0 THEN {'rule': 'profile.manager_sales', 'points':
        CAST("profile_manager_sales" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END, CASE
    WHEN "profile_title_counting" <> "profile_title_sum" THEN {'rule': 'profile.title', 'points':
        CAST("profile_title_counting" - "profile_title_sum" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END, CASE
    WHEN "profile_industry_chosen" AND "profile_target_industry" <> 0 THEN {'rule': 'profile.target_industry',
        'points': CAST("profile_target_industry" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END, CASE
    WHEN "profile_industry_counting" <> "profile_industry_sum" THEN {'rule': 'profile.industry', 'points':
        CAST("profile_industry_counting" - "profile_industry_sum" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END, CASE
    WHEN "profile_revenue_chosen" AND "profile_from_1_billion" <> 0 THEN {'rule': 'profile.from_1_billion', 'points':
        CAST("profile_from_1_billion" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END, CASE
    WHEN "profile_revenue_chosen_2" AND "profile_from_100_million" <> 0 THEN {'rule': 'profile.from_100_million',
        'points': CAST("profile_from_100_million" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END, CASE
    WHEN "profile_revenue_counting" <> "profile_revenue_sum" THEN {'rule': 'profile.revenue', 'points':
        CAST("profile_revenue_counting" - "profile_revenue_sum" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END, CASE
    WHEN "profile_solution_chosen" AND "profile_competitor_1" <> 0 THEN {'rule': 'profile.competitor_1', 'points':
        CAST("profile_competitor_1" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END, CASE
    WHEN "profile_solution_chosen_2" AND "profile_competitor_2" <> 0 THEN {'rule': 'profile.competitor_2', 'points':
        CAST("profile_competitor_2" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END, CASE
    WHEN "profile_solution_counting" <> "profile_solution_sum" THEN {'rule': 'profile.solution', 'points':
        CAST("profile_solution_counting" - "profile_solution_sum" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END, CASE
    WHEN "profile_range" <> "profile_sum" THEN {'rule': 'profile.range', 'points': CAST("profile_range" -
        "profile_sum" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END, CASE
    WHEN "engagement_forms_chosen" AND "engagement_form_this_week" <> 0 THEN {'rule': 'engagement.form_this_week',
        'points': CAST("engagement_form_this_week" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END, CASE
    WHEN "engagement_forms_chosen_2" AND "engagement_form_in_14_days" <> 0 THEN {'rule': 'engagement.form_in_14_days',
        'points': CAST("engagement_form_in_14_days" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END, CASE
    WHEN "engagement_forms_chosen_3" AND "engagement_form_in_30_days" <> 0 THEN {'rule': 'engagement.form_in_30_days',
        'points': CAST("engagement_form_in_30_days" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END, CASE
    WHEN "engagement_forms_counting" <> "engagement_forms_sum" THEN {'rule': 'engagement.forms', 'points':
        CAST("engagement_forms_counting" - "engagement_forms_sum" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END, CASE
    WHEN "engagement_pages_chosen" AND "engagement_pages_this_week" <> 0 THEN {'rule': 'engagement.pages_this_week',
        'points': CAST("engagement_pages_this_week" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END, CASE
    WHEN "engagement_pages_chosen_2" AND "engagement_pages_in_30_days" <> 0 THEN {'rule':
        'engagement.pages_in_30_days', 'points': CAST("engagement_pages_in_30_days" AS DECIMAL(18, 0)) * CAST(0.0001
        AS DECIMAL(4, 4))}
  END, CASE
    WHEN "engagement_pages_chosen_3" AND "engagement_page_in_14_days" <> 0 THEN {'rule': 'engagement.page_in_14_days',
        'points': CAST("engagement_page_in_14_days" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END, CASE
    WHEN "engagement_pages_counting" <> "engagement_pages_sum" THEN {'rule': 'engagement.pages', 'points':
        CAST("engagement_pages_counting" - "engagement_pages_sum" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END, CASE
    WHEN "engagement_clicks_chosen" AND "engagement_clicks_this_week" <> 0 THEN {'rule':
        'engagement.clicks_this_week', 'points': CAST("engagement_clicks_this_week" AS DECIMAL(18, 0)) * CAST(0.0001
        AS DECIMAL(4, 4))}
  END, CASE
    WHEN "engagement_clicks_chosen_2" AND "engagement_clicks_in_30_days" <> 0 THEN {'rule':
        'engagement.clicks_in_30_days', 'points': CAST("engagement_clicks_in_30_days" AS DECIMAL(18, 0)) * CAST(0.0001
        AS DECIMAL(4, 4))}
  END, CASE
    WHEN "engagement_clicks_chosen_3" AND "engagement_click_in_14_days" <> 0 THEN {'rule':
        'engagement.click_in_14_days', 'points': CAST("engagement_click_in_14_days" AS DECIMAL(18, 0)) * CAST(0.0001
        AS DECIMAL(4, 4))}
  END, CASE
    WHEN "engagement_clicks_counting" <> "engagement_clicks_sum" THEN {'rule': 'engagement.clicks', 'points':
        CAST("engagement_clicks_counting" - "engagement_clicks_sum" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4,
        4))}
  END, CASE
    WHEN "engagement_opens_chosen" AND "engagement_opens_this_week" <> 0 THEN {'rule': 'engagement.opens_this_week',
        'points': CAST("engagement_opens_this_week" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END, CASE
    WHEN "engagement_opens_chosen_2" AND "engagement_opens_in_30_days" <> 0 THEN {'rule':
        'engagement.opens_in_30_days', 'points': CAST("engagement_opens_in_30_days" AS DECIMAL(18, 0)) * CAST(0.0001
        AS DECIMAL(4, 4))}
  END, CASE
    WHEN "engagement_opens_chosen_3" AND "engagement_open_in_14_days" <> 0 THEN {'rule': 'engagement.open_in_14_days',
        'points': CAST("engagement_open_in_14_days" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END, CASE
    WHEN "engagement_opens_counting" <> "engagement_opens_sum" THEN {'rule': 'engagement.opens', 'points':
        CAST("engagement_opens_counting" - "engagement_opens_sum" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END, CASE
    WHEN "engagement_range" <> "engagement_sum" THEN {'rule': 'engagement.range', 'points': CAST("engagement_range" -
        "engagement_sum" AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4))}
  END], LAMBDA each_line : NOT each_line IS NULL) AS "reasons"
FROM "leads_13"

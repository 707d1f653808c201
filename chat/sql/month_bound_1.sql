-- The smallest version-7 id of the month that begins on `month` (UTC): 48 bits of milliseconds, then zeros.
create function chat_month_bound(month date) returns uuid
language sql immutable strict as $$
  select (lpad(to_hex((extract(epoch from month) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

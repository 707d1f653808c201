-- Makes the monthly partitions of chat_message up to `ahead` months after this one; returns how many were made.
-- A month's bounds are the smallest version-7 ids of its first instant and of the next month's. The first partition
-- reaches back to MINVALUE, and there is no default one. SECURITY DEFINER: the application's role may ask for
-- partitions ahead, and for nothing else that changes the schema.
create function chat_make_partitions(ahead integer) returns integer
language plpgsql volatile security definer as $$
declare
  month date;
  lower_bound uuid;
  upper_bound uuid;
  name text;
  made integer := 0;
begin
  if ahead not between 0 and 60 then
    raise exception 'months ahead must lie between 0 and 60, not %', ahead;
  end if;
  perform pg_advisory_xact_lock(hashtext('chat_make_partitions'));
  for month in select generate_series(date_trunc('month', now() at time zone 'utc'), date_trunc('month', now() at time zone 'utc') + make_interval(months => ahead), '1 month')::date loop
    name := 'chat_message_' || to_char(month, 'YYYY_MM');
    continue when to_regclass(quote_ident(current_schema()) || '.' || name) is not null;
    lower_bound := chat_month_bound(month);
    upper_bound := chat_month_bound((month + interval '1 month')::date);
    execute format('create table %I (like chat_message including defaults including generated including constraints including storage) with (fillfactor = 90)', name);
    execute format('alter table %I add constraint %I unique (conversation_id, number)', name, name || '_number_once');
    if not exists (select from pg_inherits where inhparent = 'chat_message'::regclass) then
      execute format('alter table chat_message attach partition %I for values from (minvalue) to (%L)', name, upper_bound);
    else
      execute format('alter table chat_message attach partition %I for values from (%L) to (%L)', name, lower_bound, upper_bound);
    end if;
    made := made + 1;
  end loop;
  return made;
end $$;

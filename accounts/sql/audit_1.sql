-- The audit log: rows that nobody changes, chained by digests. The application's role calls accounts_audit() and reads; it deletes
-- details (erasure), and nothing else.

-- The canonical form of an entry is a JSON array as jsonb writes it: one text for one value, whoever asks.
create function accounts_audit_digest(e accounts_auditentry) returns text
language sql stable parallel safe as $$
  select encode(sha256(convert_to(jsonb_build_array(
    e.number, (extract(epoch from e.at) * 1000000)::bigint, e.actor_id, e.action, e.place, e.target_kind, e.target_id,
    e.facts, e.detail_digest, e.previous_digest)::text, 'UTF8')), 'hex')
$$;

-- Salted, so that nobody finds out by guessing what was deleted.
create function accounts_audit_detail_digest(p_salt text, p_words jsonb) returns text
language sql stable parallel safe as $$
  select encode(sha256(convert_to(p_salt || ':' || p_words::text, 'UTF8')), 'hex')
$$;

-- Appends an entry with its detail. The head stays locked until the transaction ends: numbers have no gap.
create function accounts_audit(p_actor uuid, p_action text, p_place uuid, p_target_kind text, p_target_id uuid, p_facts jsonb,
                               p_words jsonb) returns bigint
language plpgsql volatile security definer as $$
declare
  head accounts_audithead;
  e accounts_auditentry;
  salt text := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
  words jsonb := p_words || jsonb_strip_nulls(jsonb_build_object(
    'actor', (select username from accounts_user where id = p_actor),
    'target', (select username from accounts_user where id = p_target_id and p_target_kind = 'user')));
begin
  insert into accounts_audithead (id, number, digest) values (1, 0, '') on conflict do nothing;
  select * into head from accounts_audithead where id = 1 for update;
  select head.number + 1, clock_timestamp(), p_actor, p_action, p_place, p_target_kind, p_target_id, p_facts,
         accounts_audit_detail_digest(salt, words), head.digest
    into e.number, e.at, e.actor_id, e.action, e.place, e.target_kind, e.target_id, e.facts, e.detail_digest, e.previous_digest;
  e.digest := accounts_audit_digest(e);
  insert into accounts_auditentry values (e.*);
  insert into accounts_auditdetail (entry_id, salt, words) values (e.number, salt, words);
  update accounts_audithead set number = e.number, digest = e.digest where id = 1;
  return e.number;
end $$;

create function accounts_audit_refuse() returns trigger
language plpgsql as $$
begin
  raise exception 'the audit log is append-only';
end $$;

create trigger accounts_audit_refuse before update or delete on accounts_auditentry
for each row execute function accounts_audit_refuse();
create trigger accounts_audit_refuse_truncate before truncate on accounts_auditentry
for each statement execute function accounts_audit_refuse();
create trigger accounts_audit_refuse before update on accounts_auditdetail
for each row execute function accounts_audit_refuse();
create trigger accounts_audit_refuse_truncate before truncate on accounts_auditdetail
for each statement execute function accounts_audit_refuse();
create trigger accounts_audit_refuse before delete on accounts_audithead
for each row execute function accounts_audit_refuse();
create trigger accounts_audit_refuse_truncate before truncate on accounts_audithead
for each statement execute function accounts_audit_refuse();

do $$ begin execute format('alter function accounts_audit set search_path = %I, pg_temp', current_schema()); end $$;

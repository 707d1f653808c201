-- What a message said before is kept by the database itself, so that no path can forget it.
create function chat_keep_revision() returns trigger
language plpgsql security definer as $$
begin
  insert into chat_messagerevision (message_id, kind, content, created_at)
  values (old.id, case when new.deleted_at is null then 'edited' else 'deleted' end, old.content, clock_timestamp());
  return null;
end $$;

create trigger chat_keep_revision after update of content on chat_message
for each row when (old.content is distinct from new.content) execute function chat_keep_revision();

-- History is append-only for everybody; it goes only with its message (the cascade runs as a nested trigger).
create function chat_refuse_rewriting() returns trigger
language plpgsql as $$
begin
  if tg_op = 'DELETE' and pg_trigger_depth() > 1 then
    return old;
  end if;
  raise exception 'the history of messages is append-only';
end $$;

create trigger chat_refuse_rewriting before update or delete on chat_messagerevision
for each row execute function chat_refuse_rewriting();

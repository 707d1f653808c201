-- What a post or a comment said before is kept by the database itself, so that no path can forget it.
create function forums_keep_post() returns trigger
language plpgsql security definer as $$
begin
  insert into forums_revision (post_id, kind, title, content, created_at)
  values (old.id, case when new.deleted_at is null then 'edited' else 'deleted' end, old.title, old.content, clock_timestamp());
  return null;
end $$;

create trigger forums_keep_post after update of title, content on forums_post
for each row when (old.content is distinct from new.content or old.title is distinct from new.title)
execute function forums_keep_post();

create function forums_keep_comment() returns trigger
language plpgsql security definer as $$
begin
  insert into forums_revision (comment_id, kind, title, content, created_at)
  values (old.id, case when new.deleted_at is null then 'edited' else 'deleted' end, '', old.content, clock_timestamp());
  return null;
end $$;

create trigger forums_keep_comment after update of content on forums_comment
for each row when (old.content is distinct from new.content) execute function forums_keep_comment();

-- History is append-only for everybody; it goes only with what it is the history of (the cascade runs as a nested trigger).
create function forums_refuse_rewriting() returns trigger
language plpgsql as $$
begin
  if tg_op = 'DELETE' and pg_trigger_depth() > 1 then
    return old;
  end if;
  raise exception 'the history of posts and comments is append-only';
end $$;

create trigger forums_refuse_rewriting before update or delete on forums_revision
for each row execute function forums_refuse_rewriting();

-- Appends a batch of messages. Parallel arrays in, one verdict per input out, in order of `ord` (1-based).
--
-- Statement 1 locks the batch's conversations in id order, without waiting: inputs of a conversation that somebody else
-- holds come back as 'busy'. Statement 2 runs on a fresh snapshot, taken after the locks: in one statement the snapshot
-- would be older than the lock, and a client_id could be stored twice, or a message after a committed kick.
-- Order of judgement: access, duplicate, then limits; so a duplicate is answered even where sending is over.
-- `p_calls` is what a message calls besides people, {"calls": […], "closed": whether that takes MENTION_ALL (16)}. Who lost
-- the bit since the message was rendered gets 'busy': it is rendered again, as what it then is.
create function append_messages(
  p_conversation uuid[], p_sender uuid[], p_client uuid[], p_content text[], p_html text[], p_preview text[],
  p_reply uuid[], p_mentions jsonb[], p_calls jsonb[], p_limited boolean[], p_max_length integer, p_lobby_max_length integer)
returns table (
  ord bigint, verdict text, id uuid, number bigint, version bigint, created_at timestamptz, retry_after double precision,
  kind text, access_version bigint, username text, display_name text, avatar text, nickname text, hue smallint, reply jsonb)
language plpgsql volatile security definer as $$
#variable_conflict use_column
declare
  locked uuid[];
  moment timestamptz;
begin
  -- Never NULL: `x = any(NULL)` is neither true nor false, and what was skipped would pass as locked.
  select coalesce(array_agg(c.id), '{}') into locked from (
    select id from chat_conversation where id = any(p_conversation) order by id for no key update skip locked) c;
  -- One moment for all: inputs with the same client_id must be judged alike.
  moment := clock_timestamp();

  return query
  with input as materialized (
    select * from unnest(p_conversation, p_sender, p_client, p_content, p_html, p_preview, p_reply, p_mentions, p_calls, p_limited)
      with ordinality x(c, u, k, content, html, preview, reply, mentions, calls, limited, ord)),
  judged as materialized (
    select i.*, v.kind, v.access_version, p.username, p.display_name, p.avatar, m.nickname, m.hue,
           v.kind in ('direct', 'group') or v.settings -> 'announces' = 'true' as is_told,
           d.message_id old_id, d.number old_number, d.version old_version, d.created_at old_at, r.number reply_number,
           case when r.id is not null then jsonb_build_object(
             'id', r.id, 'number', r.number, 'content', r.content,
             'sender', case when rs.id is null then null else jsonb_build_object(
               'id', rs.id, 'username', rs.username, 'display_name', rs.display_name, 'avatar', rs.avatar, 'deleted', rs.deleted_at is not null,
               'nickname', rm.nickname, 'hue', rm.hue) end) end reply_row,
           coalesce((v.settings->>'slow_mode')::double precision, 0) * (m.permissions & 32 = 0)::int slow,
           m.last_sent_at, m.timed_out_until,
           case when m.user_id is null and v.id is not null and not v.id = any(locked) then 'busy'
                when m.user_id is null or v.id is null then 'not_found'
                when not v.id = any(locked) then 'busy'
                when d.version is not null then 'duplicate'
                when i.reply is not null and (r.id is null or r.number < m.history_from) then 'not_found'
                when v.archived_at is not null then 'locked'
                when not p.is_active or (p.suspended_at is not null and coalesce(p.suspended_until > now(), true)) then 'forbidden'
                when v.kind = 'direct' and reach.answer = 'blocking' then 'blocked'
                -- Who wrote here themselves can be answered, whatever their settings say of strangers.
                when v.kind = 'direct' and reach.answer <> 'yes' and not (reach.answer = 'private' and reach.wrote) then 'forbidden'
                when m.permissions & 1 = 0 then 'forbidden'
                when m.timed_out_until > moment then 'timed_out'
                when char_length(i.content) > coalesce((v.settings->>'max_length')::int,
                  case v.kind when 'lobby' then p_lobby_max_length else p_max_length end) then 'too_long'
                when i.limited then 'rate_limited'
                when (i.calls->>'closed')::boolean and m.permissions & 16 = 0 then 'busy'
                else 'new' end verdict
    from input i
    left join chat_conversation v on v.id = i.c
    left join chat_membership m on m.conversation_id = i.c and m.user_id = i.u and m.left_at is null
    left join accounts_user p on p.id = m.user_id
    left join chat_change d on d.conversation_id = i.c and d.actor_id = i.u and d.client_id = i.k and d.client_id is not null
    left join chat_message r on r.id = i.reply and r.conversation_id = i.c
    left join accounts_user rs on rs.id = r.sender_id
    left join chat_membership rm on rm.conversation_id = r.conversation_id and rm.user_id = r.sender_id
    left join lateral (
      select coalesce(max(accounts_reach(i.u, other.user_id, 'message')), 'missing') answer,
             coalesce(bool_or(other.last_sent_at is not null), false) wrote
        from chat_membership other
       where v.kind = 'direct' and other.conversation_id = i.c and other.user_id <> i.u) reach on v.kind = 'direct'),
  -- Of several inputs with one client_id the first that may be sent is stored, and the others are its duplicates.
  placed as (
    select j.*, min(j.ord) over (partition by j.c, j.u, j.k, j.verdict) first_ord,
           min(j.ord) over (partition by j.c, j.u, j.verdict) senders_first_ord
    from judged j),
  paced as materialized (
    select j.*, case
        when j.verdict <> 'new' or j.slow = 0 then j.verdict
        when j.last_sent_at + make_interval(secs => j.slow) > moment then 'slow_mode'
        when j.first_ord > j.senders_first_ord then 'slow_mode'
        else 'new' end paced_verdict
    from placed j),
  fresh as materialized (
    select p.*, row_number() over w n, count(*) over (partition by p.c) total
    from paced p where p.paced_verdict = 'new' and p.ord = p.first_ord window w as (partition by p.c order by p.ord)),
  bumped as (
    update chat_conversation v
       set message_count = v.message_count + f.total, version = v.version + f.total, last_message_at = clock_timestamp(),
           preview = f.preview, last_sender_id = f.u, updated_at = clock_timestamp()
      from (select * from fresh where n = total) f where v.id = f.c
    returning v.id, v.message_count - f.total number0, v.version - f.total version0, v.last_message_at at),
  stored as (
    insert into chat_message (conversation_id, sender_id, kind, number, content, html, reply_to_id, metadata, created_at)
    select f.c, f.u, 'text', b.number0 + f.n, f.content, f.html, f.reply, '{}', b.at
      from fresh f join bumped b on b.id = f.c order by f.c, f.n
    returning chat_message.id, conversation_id, chat_message.number, chat_message.created_at),
  logged as (
    insert into chat_change (conversation_id, version, kind, message_id, actor_id, client_id, number, created_at)
    select f.c, b.version0 + f.n, 'created', s.id, f.u, f.k, s.number, s.created_at
      from fresh f join bumped b on b.id = f.c join stored s on s.conversation_id = f.c and s.number = b.number0 + f.n
    returning conversation_id, actor_id, client_id, message_id, chat_change.number, chat_change.version, chat_change.created_at),
  called as (
    insert into chat_mention (user_id, conversation_id, number, message_id)
    -- The people first: a join could go through all members of a large place.
    select x.mentioned::uuid, f.c, b.number0 + f.n, s.id
      from fresh f join bumped b on b.id = f.c join stored s on s.conversation_id = f.c and s.number = b.number0 + f.n
      cross join lateral jsonb_array_elements_text(f.mentions) x(mentioned)
     where f.mentions is not null and exists (
             select from chat_membership m
              where m.conversation_id = f.c and m.user_id = x.mentioned::uuid and m.left_at is null offset 0)
    on conflict do nothing),
  -- What the worker tells people of: one row for the news of a place where everything is told to somebody, one for a message that
  -- calls people or answers somebody, one for a message that calls many.
  told as (
    insert into accounts_occasion (kind, key, place, position, source_id, actor_id, detail)
    select 'chat.talk', 'talk:' || b.id, b.id, b.number0 + 1, null::uuid, null::uuid, '{}'::jsonb
      from fresh f join bumped b on b.id = f.c
     where f.n = 1 and (f.is_told or exists (
             select from chat_membership w where w.conversation_id = f.c and w.left_at is null and w.notify = 'all'))
    union all
    select 'chat.message', 'message:' || s.id, f.c, s.number, s.id, f.u, '{}'::jsonb
      from fresh f join bumped b on b.id = f.c join stored s on s.conversation_id = f.c and s.number = b.number0 + f.n
     where f.mentions is not null or f.reply is not null
    union all
    select 'chat.call', 'call:' || s.id, f.c, s.number, s.id, f.u, jsonb_build_object('calls', f.calls->'calls')
      from fresh f join bumped b on b.id = f.c join stored s on s.conversation_id = f.c and s.number = b.number0 + f.n
     where f.calls is not null
    on conflict (key) where claimed_at is null do nothing),
  sent as (
    update chat_membership m
       set last_read_number = greatest(m.last_read_number, l.number), last_read_at = l.created_at,
           last_delivered_number = greatest(m.last_delivered_number, l.number), last_sent_at = l.created_at
      from (select conversation_id, actor_id, max(number) number, max(created_at) created_at from logged group by 1, 2) l
     where m.conversation_id = l.conversation_id and m.user_id = l.actor_id)
  select j.ord,
         case when j.paced_verdict = 'new' and j.ord > j.first_ord then 'duplicate' else j.paced_verdict end,
         coalesce(j.old_id, l.message_id), coalesce(j.old_number, l.number), coalesce(j.old_version, l.version),
         coalesce(j.old_at, l.created_at),
         case j.paced_verdict
           when 'slow_mode' then case when j.first_ord > j.senders_first_ord then j.slow
             else greatest(extract(epoch from j.last_sent_at + make_interval(secs => j.slow) - moment), 1)::double precision end
           when 'timed_out' then greatest(extract(epoch from j.timed_out_until - moment), 1)::double precision end,
         j.kind::text, j.access_version, j.username::text, j.display_name::text, j.avatar::text,
         j.nickname::text, j.hue, j.reply_row
    from paced j left join logged l on (l.conversation_id, l.actor_id, l.client_id) = (j.c, j.u, j.k)
   order by j.ord;
end $$;

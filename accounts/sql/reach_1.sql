-- The one rule of who may reach whom, and how. Every exit asks it: pages, sockets, sending, mentions, search, notifications.
--
-- `way`: message (begin to talk), group (be brought into a group conversation), invite, request (a contact request), mention,
-- find (in search), presence, last_seen, typing, receipts, email, phone.
-- Answers 'yes', or why not: 'missing' (no such account, or gone), 'self', 'blocking' (the actor blocks the target), 'blocked'
-- (the target blocks the actor), 'guest' (one of them only talks in the lobby), 'private' (the target's settings).
create function accounts_reach(p_actor uuid, p_target uuid, p_way text) returns text
language sql stable parallel safe as $$
  select coalesce((
    select case
      when t.deleted_at is not null or not t.is_active then 'missing'
      when t.id = p_actor then case when p_way in ('message', 'group', 'invite', 'request', 'mention') then 'self' else 'yes' end
      when exists (select from accounts_block b where b.blocker_id = p_actor and b.blocked_id = t.id) then 'blocking'
      when exists (select from accounts_block b where b.blocker_id = t.id and b.blocked_id = p_actor) then 'blocked'
      when p_way in ('message', 'group', 'invite', 'request', 'find', 'email', 'phone')
        and (t.is_guest or coalesce((select a.is_guest from accounts_user a where a.id = p_actor), true)) then 'guest'
      when wish.circle = 'everyone' then 'yes'
      when wish.circle = 'friends' and exists (
        select from accounts_friendship f
         where f.state = 'accepted' and least(f.requester_id, f.addressee_id) = least(t.id, p_actor)
           and greatest(f.requester_id, f.addressee_id) = greatest(t.id, p_actor)) then 'yes'
      else 'private' end
    from accounts_user t
    cross join lateral (
      select coalesce(t.privacy ->> case p_way when 'invite' then 'group' else p_way end,
                      case when p_way in ('email', 'phone') then 'nobody' else 'everyone' end) circle) wish
    where t.id = p_target), 'missing')
$$;

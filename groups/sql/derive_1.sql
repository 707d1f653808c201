-- What members may do in channels, and how they appear there, derived from roles and overrides: one row for each of the asked-for
-- members and channels that they may see. `chat_membership` holds exactly these rows; groups/access.py makes it so, dbcheck
-- compares. The same in words, for people: docs/permissions.md.
--
-- Order: @everyone and roles together; who owns the group or administers it may everything; then the overrides of the place
-- that decides (the channel, or its category while it follows it): @everyone's, then the roles' (denied, then allowed), then the
-- member's own. Overrides and rows speak of what channels know (14399) alone. Without VIEW there is no row; without SEND nothing that
-- needs it. Every join but that of people and places is a probe of an index or of a short array: the plan is good for one
-- member in 500 channels and for 500 members in one, whatever the planner guesses (`offset 0`: it may not begin with the roles).
create function groups_derive(p_group uuid, p_users uuid[], p_channels uuid[])
returns table (user_id uuid, conversation_id uuid, permissions bigint, timed_out_until timestamptz, muted_until timestamptz,
               nickname varchar, hue smallint)
language sql stable as $$
  with people as materialized (
    select m.id, m.user_id, m.timed_out_until, m.muted_until, m.nickname, h.roles, h.hue, e.id as everyone,
           e.permissions | coalesce(h.bits, 0) as base,
           g.owner_id = m.user_id or (e.permissions | coalesce(h.bits, 0)) & (1::bigint << 24) <> 0 as is_above
      from groups_group g
      join groups_role e on e.group_id = g.id and e.is_everyone
      join groups_member m on m.group_id = g.id and m.user_id = any(p_users)
      cross join lateral (
        select bit_or(r.permissions) as bits, array_agg(r.id) as roles,
               (array_agg(r.hue order by r.position desc, r.id) filter (where r.hue is not null))[1] as hue
          from (select role_id from groups_memberrole where member_id = m.id offset 0) x join groups_role r on r.id = x.role_id) h
     where g.id = p_group and g.deletion_due_at is null),
  places as materialized (
    select c.conversation_id, o.roles, o.members, o.allows, o.denies
      from groups_channel c
      cross join lateral (
        select array_agg(w.role_id) as roles, array_agg(w.member_id) as members,
               array_agg(w.allow & 14399) as allows, array_agg(w.deny & 14399) as denies
          from (select * from groups_override where channel_id = c.id and (c.category_id is null or not c.is_synced)
                union all
                select * from groups_override where category_id = c.category_id and c.is_synced) w) o
     where c.group_id = p_group and c.id = any(p_channels) and c.deleted_at is null),
  judged as (
    select m.user_id, p.conversation_id, m.timed_out_until, m.muted_until, m.nickname, m.hue, m.is_above,
           ((((((m.base & ~w.everyone_deny) | w.everyone_allow) & ~w.roles_deny) | w.roles_allow) & ~w.own_deny) | w.own_allow) as bits
      from people m cross join places p
      cross join lateral (
        select coalesce(bit_or(x.allow) filter (where x.role = m.everyone), 0) as everyone_allow,
               coalesce(bit_or(x.deny) filter (where x.role = m.everyone), 0) as everyone_deny,
               coalesce(bit_or(x.allow) filter (where x.role = any(m.roles)), 0) as roles_allow,
               coalesce(bit_or(x.deny) filter (where x.role = any(m.roles)), 0) as roles_deny,
               coalesce(bit_or(x.allow) filter (where x.member = m.id), 0) as own_allow,
               coalesce(bit_or(x.deny) filter (where x.member = m.id), 0) as own_deny
          from unnest(p.roles, p.members, p.allows, p.denies) x(role, member, allow, deny)) w)
  select j.user_id, j.conversation_id,
         case when j.is_above then 14399::bigint
              when j.bits & 1 = 0 then j.bits & (14399 & ~(4 | 16 | 8192))::bigint
              else j.bits & 14399 end,
         case when j.is_above then null else j.timed_out_until end,
         j.muted_until, j.nickname, j.hue::smallint
    from judged j where j.is_above or j.bits & (1::bigint << 11) <> 0
$$;

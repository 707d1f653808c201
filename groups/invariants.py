"""What must be true of groups, each as a query of what breaks it: `manage.py dbcheck` asks them (chatter/ops/dbcheck.py)."""

from groups.permissions import Right

_HISTORY = int(Right.READ_HISTORY)

# All groups at once: what is there, beside what the derivation says.
_DRIFT = f"""
select coalesce(w.conversation_id, h.conversation_id) || ' of ' || coalesce(w.user_id, h.user_id) || ': ' ||
       case when h.id is null then 'missing' when w.user_id is null then 'too much'
            else concat_ws(' ', h.permissions, h.nickname, h.hue, h.timed_out_until, h.history_from) || ' instead of ' ||
                 concat_ws(' ', w.permissions, w.nickname, w.hue, w.timed_out_until) end
  from (select d.* from groups_group g cross join lateral groups_derive(
          g.id, array(select user_id from groups_member where group_id = g.id),
          array(select id from groups_channel where group_id = g.id)) d) w
  full join (select m.* from chat_membership m join chat_conversation v on v.id = m.conversation_id
              where v.kind = 'channel' and m.left_at is null) h
    on (h.conversation_id, h.user_id) = (w.conversation_id, w.user_id)
 where h.id is null or w.user_id is null
    or (h.permissions, h.nickname, h.hue, h.timed_out_until) is distinct from (w.permissions, w.nickname, w.hue, w.timed_out_until)
    or w.permissions & {_HISTORY} <> 0 and h.history_from <> 1
"""  # noqa: S608 -- a bit

BROKEN_LINES = {
    "rows of channels are what roles and overrides derive": _DRIFT,
    "a group's member_count counts its members": """
        select g.id || ': ' || g.member_count || ' instead of ' || count(m.id)
          from groups_group g left join groups_member m on m.group_id = g.id group by g.id having count(m.id) <> g.member_count""",
    "who owns a group is in it, and @everyone is its lowest role": """
        select g.id::text from groups_group g
          left join groups_member m on m.group_id = g.id and m.user_id = g.owner_id
          left join groups_role r on r.group_id = g.id and r.is_everyone
         where m.id is null or r.id is null""",
    "nobody is in a channel that is gone": """
        select m.id::text from chat_membership m join chat_conversation v on v.id = m.conversation_id and v.kind = 'channel'
          left join groups_channel c on c.conversation_id = v.id left join groups_group g on g.id = c.group_id
         where m.left_at is null and (c.id is null or c.deleted_at is not null or g.deletion_due_at is not null)""",
    "a channel's conversation is one, and of its group": """
        select c.id::text from groups_channel c join chat_conversation v on v.id = c.conversation_id
         where v.kind <> 'channel' or v.parent is distinct from c.group_id""",
    "roles, categories and overrides stay in their group": """
        select o.id::text from groups_override o
          left join groups_channel c on c.id = o.channel_id left join groups_category k on k.id = o.category_id
          left join groups_role r on r.id = o.role_id left join groups_member m on m.id = o.member_id
         where coalesce(c.group_id, k.group_id) <> coalesce(r.group_id, m.group_id)
         union all
        select 'holder ' || h.id from groups_memberrole h
          join groups_member m on m.id = h.member_id join groups_role r on r.id = h.role_id
         where m.group_id <> r.group_id or r.is_everyone
         union all
        select 'channel ' || c.id from groups_channel c join groups_category k on k.id = c.category_id
         where k.group_id <> c.group_id""",
    "an invitation let in no more people than it counted, and than it has room for": """
        select i.id || ': ' || i.use_count || ' instead of ' || count(u.id)
          from groups_invite i join groups_inviteuse u on u.invite_id = i.id
         group by i.id having count(u.id) > least(i.use_count, i.max_uses)""",
}

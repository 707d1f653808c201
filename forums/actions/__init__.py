"""What people do in forums: one action per write."""

"""What happens when something fails around a workspace: its disk, its file, its server, its kernel."""

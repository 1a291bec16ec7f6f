"""What stands between a caller and a route: who asks from where, how often, how much, how long."""

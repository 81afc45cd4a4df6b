"""What hostile uploads cost a service: it refuses them within bounded memory."""

from rest_framework.permissions import IsAuthenticated

IsUser = IsAuthenticated

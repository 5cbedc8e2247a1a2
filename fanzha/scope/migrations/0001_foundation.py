"""Extensions, scope functions and the grants of the app role come before every table."""

from django.conf import settings
from django.db import migrations

from fanzha.scope import rls


class Migration(migrations.Migration):
    initial = True
    operations = [*rls.database_foundation(settings.DATABASES["default"]["USER"])]

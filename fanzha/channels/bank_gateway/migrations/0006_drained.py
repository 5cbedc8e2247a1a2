from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bank_gateway', '0005_delivery'),
    ]

    operations = [
        migrations.AddField(
            model_name='frontend',
            name='drained_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('outgoing', False), ('state', 'received')), fields=['front_end', 'at'], name='message_unread'),
        ),
    ]
